// The review queues by keyboard. Buttons carry data-key themselves (page.js presses them); this adds: 1–9 choose the nth
// reason or leave it ([data-reason] boxes), the space bar zooms in and out, + − 0 zoom, [ ] turn and C clears the picture, ← → the other picture ([data-viewer] with <img>s;
// [data-viewer="both"] shows all of them beside one another, and turns one), zoomed ones are moved with the mouse,
// returning asks for a reason first (button [data-needs-reason] opens [data-returning]), a box [data-check-all="name"] checks all of that name, and
// [data-count-of="name"] says how many of them are checked.

const reasons = [...document.querySelectorAll("[data-reason]")];
const returns = document.querySelector("[data-needs-reason]");
const returning = document.querySelector("[data-returning]");
const viewer = document.querySelector("[data-viewer]");
const pictures = viewer ? [...viewer.querySelectorAll("img")] : [];
const beside = viewer?.dataset.viewer === "both";
const stages = beside ? [...viewer.querySelectorAll("[data-stage]")] : [viewer];
let [shown, zoom, turn, clear] = [beside ? pictures.length - 1 : 0, 1, 0, false];

function draw() {
  const middles = stages.map((stage) => [(stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth, (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight]);
  viewer.classList.toggle("viewer--zoomed", zoom > 1);
  pictures.forEach((img, i) => {
    img.hidden = !beside && i !== shown;
    const stage = beside ? img.closest("[data-stage]") : viewer;
    img.style.width = zoom > 1 ? `${Math.round(stage.clientWidth * zoom)}px` : "";
    img.style.transform = turn && i === shown ? `rotate(${turn}deg)` : "";
    img.style.filter = clear ? "contrast(1.6) brightness(1.2)" : "";
  });
  // What was in the middle stays there.
  stages.forEach((stage, i) => stage.scrollTo(middles[i][0] * stage.scrollWidth - stage.clientWidth / 2, middles[i][1] * stage.scrollHeight - stage.clientHeight / 2));
  const img = pictures[shown];
  if (!img) return;
  const words = document.querySelector("[data-viewer-words]");
  if (words) words.textContent = pictures.length > 1 ? `第 ${shown + 1} / ${pictures.length} 张 ${img.alt}` : img.alt;
}

const act = {
  "+": () => (zoom = Math.min(zoom + 0.5, 5)),
  "=": () => (zoom = Math.min(zoom + 0.5, 5)),
  " ": () => (zoom = zoom > 1 ? 1 : 2.5),
  "-": () => (zoom = Math.max(zoom - 0.5, 1)),
  0: () => ([zoom, turn, clear] = [1, 0, false]),
  c: () => (clear = !clear),
  "[": () => (turn = (turn + 270) % 360),
  "]": () => (turn = (turn + 90) % 360),
  ArrowLeft: () => ([shown, turn] = [(shown + pictures.length - 1) % pictures.length, 0]),
  ArrowRight: () => ([shown, turn] = [(shown + 1) % pictures.length, 0]),
};

for (const stage of viewer ? stages : []) {
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    if (zoom === 1 || event.pointerType !== "mouse") return;
    from = [event.clientX + stage.scrollLeft, event.clientY + stage.scrollTop];
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => from && stage.scrollTo(from[0] - event.clientX, from[1] - event.clientY));
  stage.addEventListener("pointerup", () => (from = null));
}

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
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const reason = /^[1-9]$/.test(event.key) && reasons[Number(event.key) - 1];
  if (reason) {
    returning.open = true;
    reason.checked = !reason.checked;
    reason.focus();
    event.preventDefault();
  } else if (viewer && pictures.length > 0 && Object.hasOwn(act, key) && !(event.key === " " && event.target.closest("input, button, summary, a"))) {
    act[key]();
    draw();
    event.preventDefault();
  }
});

// A case that is left without a decision is free for the next reviewer at once; one that is looked at again is taken again.
const held = document.querySelector("[data-case]");
if (held) {
  let decided = false;
  const { desk, seen } = held.dataset;
  addEventListener("submit", (event) => {
    const to = event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action");
    decided ||= !event.defaultPrevented && to.includes(held.dataset.case);
  });
  addEventListener("pagehide", () => decided || navigator.sendBeacon("/console/review/leave", new URLSearchParams({ desk, seen, case: held.dataset.case })));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

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
    const count = document.querySelector(`[data-count-of="${all.dataset.checkAll}"]`);
    if (count) count.textContent = `已选 ${many} / ${boxes.length} 份`;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}
