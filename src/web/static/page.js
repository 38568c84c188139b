// What every page needs: the document's title, focus on the first error, ID numbers in groups, passwords that can be
// shown, one sending of a form, and keys such as "/" for the search.

const heading = document.querySelector("h1");
if (heading && heading.textContent.trim()) {
  document.title = `${heading.textContent.trim()} - ${document.title}`;
}

const wrong = document.querySelector("[aria-invalid='true'], .field--bad input, .field--bad select");
if (wrong) wrong.focus();

// 430105 1990 0102 123X below the field; the value itself stays as typed.
for (const input of document.querySelectorAll("[data-group='id']")) {
  const shown = document.createElement("p");
  shown.className = "field__grouped";
  shown.setAttribute("aria-hidden", "true");
  input.after(shown);
  const show = () => {
    const plain = input.value.replace(/\s/g, "").toUpperCase();
    const parts = [plain.slice(0, 6), plain.slice(6, 10), plain.slice(10, 14), plain.slice(14)];
    shown.textContent = plain.length > 6 ? parts.filter(Boolean).join(" ") : "";
    shown.hidden = plain.length <= 6;
  };
  input.addEventListener("input", show);
  show();
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = hidden ? "隐藏" : "显示";
    input.focus();
  });
}

// A form is sent once, however often the button is pressed. Listeners of the form itself run before this one and
// may have taken over (default prevented). After 12 s without an answer it may be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  const button = event.submitter;
  button?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form, button), 12000);
});

// What was typed is kept in this tab until the next page, and through the door when the session had ended meanwhile or
// a second factor has to be set up. Never passwords.
const KEPT = "baokao.typed";
const isDoor = /^\/((console\/)?login(\/second)?|console\/me\/second-factor)$/.test(location.pathname);
const typed = (form) => [...form.elements].filter((e) => e.name && !/^(password|file|hidden|submit|button)$/.test(e.type));

function keep(value) {
  // A browser that keeps nothing goes without.
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch {}
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

document.addEventListener("submit", ({ target: form }) => {
  if (isDoor || form.method !== "post") return;
  const values = typed(form).map((e) => [e.name, e.type, /^(radio|checkbox)$/.test(e.type) ? e.checked : e.value, e.value]);
  keep({ page: location.pathname, action: form.getAttribute("action"), values, door: false });
});

const before = kept();
keep(isDoor && before ? { ...before, door: true } : null);
if (before?.door && before.page === location.pathname) {
  const form = [...document.forms].find((f) => f.getAttribute("action") === before.action);
  for (const [name, type, value, option] of form ? before.values : []) {
    const box = typed(form).find((e) => e.name === name && e.type === type && (typeof value !== "boolean" || e.value === option));
    if (box && typeof value === "boolean") box.checked = value;
    else if (box) box.value = value;
    box?.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function release(form, button) {
  delete form.dataset.sending;
  button?.removeAttribute("aria-disabled");
}

// Coming back with the browser's own button: nothing is being sent any more.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    delete form.dataset.sending;
    for (const button of form.elements) button.removeAttribute("aria-disabled");
  }
});

// data-key="x" on anything: the key x focuses a field or presses a button, unless somebody is typing.
addEventListener("keydown", (event) => {
  // A key that is held down counts once: it must not decide cases that nobody has seen.
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  const found = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === event.key.toLowerCase());
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
});

// A decision that can be taken back says for how long, and is gone then.
const undo = document.querySelector("[data-undo]");
if (undo) {
  const ends = Date.now() + Number(undo.dataset.undo) * 1000;
  const tick = setInterval(() => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    undo.querySelector("[data-undo-left]").textContent = Math.max(left, 0);
    if (left > 0) return;
    clearInterval(tick);
    undo.remove();
  }, 250);
}

// A table that is wider than its panel is scrolled with the keyboard as well.
for (const panel of document.querySelectorAll(".panel--flush")) {
  if (panel.scrollWidth > panel.clientWidth) panel.tabIndex = 0;
}
