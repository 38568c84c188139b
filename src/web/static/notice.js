// 报考须知: the button works once the text has been scrolled to its end and shown for data-seconds. The server checks the
// time itself; this only spares the candidate a refusal. Parts: [data-notice] (the text), [data-notice-button].

const notice = document.querySelector("[data-notice]");
const button = document.querySelector("[data-notice-button]");
if (notice && button) {
  const words = button.textContent;
  const ready = Date.now() + (Number(notice.dataset.seconds) || 5) * 1000;
  let read = false;
  const atEnd = () => notice.scrollTop + notice.clientHeight >= notice.scrollHeight - 8;
  const look = () => {
    read ||= atEnd();
    const left = Math.ceil((ready - Date.now()) / 1000);
    const open = read && left <= 0;
    button.disabled = !open;
    if (open) button.textContent = words;
    else if (!read) button.textContent = "请向下滑动，读完全文";
    else button.textContent = `请阅读，还有 ${left} 秒`;
    return open;
  };
  const timer = setInterval(() => look() && clearInterval(timer), 250);
  notice.addEventListener("scroll", look, { passive: true });
  look();
}
