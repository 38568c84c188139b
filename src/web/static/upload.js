// Pictures in <form data-upload>: preview with 重拍 and 使用, large photos shrunk here, sending with per cent, and a
// second try that keeps everything when the network fails. Without this script the same form sends the same fields.
// With data-upload="auto" the form is sent once every picture has been confirmed.

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_SIDE = 2600;
const KEEP_BELOW = 1.5 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

for (const form of document.querySelectorAll("form[data-upload]")) enhance(form);

function enhance(form) {
  const chosen = new Map(); // field name → { blob, name, used }
  const slots = [...form.querySelectorAll("[data-slot]")];
  // The browser would complain about inputs that are hidden here: what is needed is checked below instead.
  const needed = slots.filter((slot) => fileInput(slot).required);
  for (const slot of needed) fileInput(slot).required = false;
  for (const slot of slots) setUpSlot(slot, chosen, () => {
    const next = needed.find((s) => !chosen.get(fileInput(s).name)?.used);
    if (next) next.querySelector("button")?.focus();
    else if (form.dataset.upload === "auto") form.requestSubmit();
    else document.querySelector(`[type=submit][form="${form.id}"], #${form.id} [type=submit]`)?.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const empty = needed.find((s) => !chosen.has(fileInput(s).name));
    if (empty) {
      say(empty, "请先拍摄或选择这张图片", "bad");
      empty.querySelector("button").focus();
      return;
    }
    send(form, event.submitter, chosen);
  });
}

function fileInput(slot) {
  return slot.querySelector("input[type=file]");
}

function say(slot, words, kind = "") {
  const status = slot.querySelector("[data-status]");
  status.className = `slot__status${kind && ` slot__status--${kind}`}`;
  status.textContent = words;
}

function setUpSlot(slot, chosen, afterUse) {
  const input = fileInput(slot);
  const frame = slot.querySelector("[data-frame]");
  const picture = slot.querySelector("[data-picture]");
  const outline = frame.querySelector("svg");
  const forced = input.getAttribute("capture");
  const buttons = document.createElement("div");
  buttons.className = "slot__buttons";
  input.after(buttons);
  input.tabIndex = -1;
  slot.classList.add("slot--js");

  const open = (camera) => {
    if (camera) input.setAttribute("capture", forced || "environment");
    else input.removeAttribute("capture");
    input.click();
  };
  const offer = (...list) => buttons.replaceChildren(...list);
  const start = () =>
    forced || slot.classList.contains("slot--order")
      ? offer(button(forced ? "拍照" : "选择截图", () => open(Boolean(forced))))
      : offer(button("拍照", () => open(true)), button("从相册选择", () => open(false)));
  const again = () => button(slot.classList.contains("slot--order") ? "重新选择" : "重拍", startAgain);
  const startAgain = () => {
    start();
    buttons.firstChild.focus();
    if (buttons.children.length === 1) buttons.firstChild.click();
  };
  frame.addEventListener("click", () => {
    if (!chosen.has(input.name)) open(Boolean(forced));
  });

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    say(slot, "正在处理照片…");
    try {
      const blob = await shrink(file);
      chosen.set(input.name, { blob, name: nameOf(file, blob), used: false });
    } catch (problem) {
      chosen.delete(input.name);
      say(slot, problem.message, "bad");
      return;
    }
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(chosen.get(input.name).blob);
    picture.hidden = false;
    if (outline) outline.setAttribute("hidden", "");
    say(slot, "请看清楚：四角完整、文字清晰、没有反光");
    if (slot.classList.contains("slot--order")) say(slot, "请确认截图里能看到金额、支付时间和交易单号");
    if (slot.classList.contains("slot--face")) say(slot, "请确认脸部完整、清晰");
    const use = button("使用", () => {
      chosen.get(input.name).used = true;
      say(slot, "已选好", "good");
      offer(again());
      afterUse();
    });
    use.dataset.use = "";
    offer(again(), use);
    use.focus();
  });
  start();
}

function button(words, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", onClick);
  return made;
}

function nameOf(file, blob) {
  return blob === file ? file.name : "photo.jpg";
}

// Small files go as they are; large ones are drawn smaller, then pressed harder until they fit.
async function shrink(file) {
  if (KINDS.includes(file.type) && file.size <= KEEP_BELOW) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // The browser cannot read it; the server may, if it is small enough, and says so if not.
    if (file.size <= MAX_BYTES) return file;
    throw new Error("这个文件打不开，请换一张 JPG 或 PNG 照片");
  }
  const canvas = document.createElement("canvas");
  for (let side = MAX_SIDE; side >= 1200; side -= 350) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.92, 0.85, 0.75]) {
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (blob && blob.size <= MAX_BYTES) return blob;
    }
  }
  throw new Error("照片太大，请换一张小一些的照片");
}

function send(form, submitter, chosen) {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  submitter?.setAttribute("aria-disabled", "true");
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  for (const [field, { blob, name }] of chosen) data.set(field, blob, name);

  const panel = progressPanel(form);
  const request = new XMLHttpRequest();
  request.open("POST", submitter?.getAttribute("formaction") || form.action);
  request.setRequestHeader("Accept", "application/json");
  request.timeout = 180000;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) panel.show(Math.floor((event.loaded / event.total) * 100));
  });
  request.upload.addEventListener("load", () => panel.words("已上传，正在保存…", ""));
  const stop = (words, retry) => {
    delete form.dataset.sending;
    submitter?.removeAttribute("aria-disabled");
    panel.fail(words, retry && (() => send(form, submitter, chosen)));
  };
  request.addEventListener("error", () => stop("网络中断，照片还在这里，请检查网络后重试", true));
  request.addEventListener("timeout", () => stop("网络太慢，照片还在这里，请稍后重试", true));
  request.addEventListener("load", () => {
    const answer = read(request);
    if (answer.next) location.assign(answer.next);
    else stop(answer.error, request.status >= 500 || request.status === 429);
    if (answer.field) {
      const slot = form.querySelector(`[data-slot] [name="${CSS.escape(answer.field)}"]`)?.closest("[data-slot]");
      if (slot) say(slot, answer.error, "bad");
    }
  });
  request.send(data);
}

// {"next": "/url"}, {"error": "…", "field": "front"}, or a page: one that was led to, or one that says what is wrong.
function read(request) {
  const kind = request.getResponseHeader("Content-Type") || "";
  if (kind.includes("json")) {
    try {
      const answer = JSON.parse(request.responseText);
      if (answer.next || answer.error) return answer;
    } catch {
      // falls through to the plain sentences
    }
  } else if (request.status < 400 && request.responseURL) {
    return { next: request.responseURL };
  } else if (kind.includes("html")) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = page.querySelector("[role=alert], .field__error, .msg__text")?.textContent.trim();
    if (words) return { error: words };
  }
  if (request.status === 413) return { error: "照片太大，请换一张不超过 4 MB 的照片" };
  if (request.status === 401 || request.status === 403) return { error: "登录已失效，请重新登录后再上传" };
  return { error: "现在有点忙，照片还在这里，请稍后重试" };
}

function progressPanel(form) {
  form.querySelector(".upload")?.remove();
  const panel = document.createElement("div");
  panel.className = "upload";
  const bar = document.createElement("progress");
  bar.className = "progress-line";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", "上传进度");
  const line = document.createElement("p");
  line.className = "progress-words";
  line.setAttribute("role", "status");
  const left = document.createElement("span");
  const right = document.createElement("span");
  line.append(left, right);
  panel.append(bar, line);
  form.append(panel);
  panel.scrollIntoView({ block: "nearest" });
  const words = (a, b) => {
    left.textContent = a;
    right.textContent = b;
  };
  words("正在上传…", "0%");
  return {
    words,
    show(percent) {
      bar.value = percent;
      words("正在上传…", `${percent}%`);
    },
    fail(sentence, retry) {
      panel.classList.add("upload--bad");
      bar.remove();
      words(sentence, "");
      if (!retry) return;
      const again = button("重试", retry);
      again.className = "weui-btn weui-btn_default";
      panel.append(again);
      again.focus();
    },
  };
}
