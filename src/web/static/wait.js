// A page that waits: asks data-poll every data-every milliseconds, tells what it hears, and goes on when it is done.
// Answer: {"done": bool, "next": "/url", "message": "…", "detail": "…", "share": 0 to 1}. Words go to
// [data-wait-message] and [data-wait-detail], the share to the progress bar [data-wait-share]. Without this script the page reloads itself.

const place = document.querySelector("[data-poll]");
if (place) poll(place, Number(place.dataset.every) || 1000, 0);

async function poll(main, every, failures) {
  let answer = null;
  try {
    const response = await fetch(main.dataset.poll, { headers: { Accept: "application/json" }, cache: "no-store" });
    // Signed out, or the thing is gone: the page itself knows what to say.
    if (response.redirected || response.status === 401 || response.status === 404) return location.reload();
    if (response.ok) answer = await response.json();
  } catch {
    // no network for a moment: said below, asked again
  }
  if (answer?.done && answer.next) return location.replace(answer.next);
  if (answer) {
    tell(main, "[data-wait-message]", answer.message);
    tell(main, "[data-wait-detail]", answer.detail);
    const bar = main.querySelector("[data-wait-share]");
    if (bar && answer.share !== undefined) bar.value = answer.share * bar.max;
  } else if (failures >= 2) {
    tell(main, "[data-wait-detail]", "网络不稳定，正在重新连接…");
  }
  failures = answer ? 0 : failures + 1;
  // Slower when it goes wrong, and when nobody looks.
  const pause = Math.min(every * 2 ** Math.min(failures, 4), 15000);
  setTimeout(() => poll(main, every, failures), document.hidden ? Math.max(pause, 5000) : pause);
}

function tell(main, selector, words) {
  const line = main.querySelector(selector);
  if (line && words && line.textContent !== words) line.textContent = words;
}
