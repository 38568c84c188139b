// The review queues by keyboard. Buttons carry data-key themselves (page.js presses them); this adds: 1–9 choose the nth
// reason or leave it ([data-reason] boxes), the space bar zooms in and out, + − 0 zoom and [ ] turn the picture, ← → the other picture ([data-viewer] with <img>s),
// returning asks for a reason first (button [data-needs-reason] opens [data-returning]), and a box [data-check-all="name"] checks all of that name.

const reasons = [...document.querySelectorAll("[data-reason]")];
const returns = document.querySelector("[data-needs-reason]");
const returning = document.querySelector("[data-returning]");
const viewer = document.querySelector("[data-viewer]");
const pictures = viewer ? [...viewer.querySelectorAll("img")] : [];
let [shown, zoom, turn] = [0, 1, 0];

function draw() {
  pictures.forEach((img, i) => (img.hidden = i !== shown));
  viewer.classList.toggle("viewer--zoomed", zoom > 1);
  const img = pictures[shown];
  if (!img) return;
  img.style.width = zoom > 1 ? `${Math.round(viewer.clientWidth * zoom)}px` : "";
  img.style.transform = turn ? `rotate(${turn}deg)` : "";
  const words = document.querySelector("[data-viewer-words]");
  if (words) words.textContent = pictures.length > 1 ? `第 ${shown + 1} / ${pictures.length} 张 ${img.alt}` : img.alt;
}

const act = {
  "+": () => (zoom = Math.min(zoom + 0.5, 5)),
  "=": () => (zoom = Math.min(zoom + 0.5, 5)),
  " ": () => (zoom = zoom > 1 ? 1 : 2.5),
  "-": () => (zoom = Math.max(zoom - 0.5, 1)),
  0: () => ([zoom, turn] = [1, 0]),
  "[": () => (turn = (turn + 270) % 360),
  "]": () => (turn = (turn + 90) % 360),
  ArrowLeft: () => ([shown, turn] = [(shown + pictures.length - 1) % pictures.length, 0]),
  ArrowRight: () => ([shown, turn] = [(shown + 1) % pictures.length, 0]),
};

if (viewer && pictures.length > 0) {
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => {
      act[button.dataset.view]?.();
      draw();
    });
  }
  draw();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const reason = /^[1-9]$/.test(event.key) && reasons[Number(event.key) - 1];
  if (reason) {
    returning.open = true;
    reason.checked = !reason.checked;
    reason.focus();
    event.preventDefault();
  } else if (viewer && pictures.length > 0 && Object.hasOwn(act, event.key) && !(event.key === " " && event.target.closest("input, button, summary, a"))) {
    act[event.key]();
    draw();
    event.preventDefault();
  }
});

returns?.addEventListener("click", (event) => {
  const words = returning.querySelector("input[type=text]");
  if (reasons.some((r) => r.checked) || words.value.trim()) return;
  event.preventDefault();
  const line = document.querySelector("[data-reason-words]");
  if (line) line.textContent = "请选择退回原因（按数字键），再按一次退回。";
  returning.open = true;
  reasons[0].focus();
});

for (const all of document.querySelectorAll("[data-check-all]")) {
  const boxes = [...document.getElementsByName(all.dataset.checkAll)];
  const show = () => {
    const many = boxes.filter((box) => box.checked).length;
    all.checked = many === boxes.length;
    all.indeterminate = many > 0 && !all.checked;
  };
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}
