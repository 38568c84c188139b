// Keeps 还剩 2 天 3 小时 beside a deadline: <time data-deadline="Unix ms" data-now="the server's Unix ms"> followed by
// [data-left]. The phone's clock may be wrong, so only the time passed since the page came is taken from it.

const opened = Date.now();
const deadlines = [...document.querySelectorAll("time[data-deadline]")];

function words(ms) {
  const minutes = Math.floor(ms / 60000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `还剩 ${days} 天 ${hours} 小时`;
  if (hours > 0) return `还剩 ${hours} 小时 ${minutes % 60} 分钟`;
  return minutes > 0 ? `还剩 ${minutes} 分钟` : "不到 1 分钟";
}

function show() {
  for (const time of deadlines) {
    const now = (Number(time.dataset.now) || opened) + (Date.now() - opened);
    const left = Number(time.dataset.deadline) - now;
    const line = time.parentElement.querySelector("[data-left]");
    if (line) line.textContent = left > 0 ? words(left) : "已截止";
  }
}

if (deadlines.length > 0) {
  show();
  setInterval(show, 20000);
}
