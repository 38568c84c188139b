// 人脸识别, live: <section data-camera data-guide data-start data-submit> of face/pages/live.html.
// 1. A frame goes to data-guide every 400 ms; its answer {"message", "ok"} is shown on the oval.
// 2. After three good ones, data-start gives {"nonce", "turns": ["left", "right"], "seconds"}; the person follows, frames are kept.
// 3. nonce, meta (step, time and seal of each frame) and the frames go to data-submit, which answers {"next"} or {"error"}.
// A phone that takes the camera away (a call, the screen locked) ends its track: it is opened again before the turns.
// Nothing is kept when the page is left. The file form beneath works without any of this.

const WIDTH = 640;
const QUALITY = 0.85;
const GUIDE_EVERY_MS = 400;
const KEEP_EVERY_MS = 330;
const MAX_FRAMES = 24;
const GOOD_IN_A_ROW = 3;
const TURN_MS = 3200;
const BACK_MS = 900;
const NEW_PICTURE_MS = 500;
const GIVE_UP_AFTER_MS = 60000;
const TURN_WORDS = { left: "请慢慢向左转头", right: "请慢慢向右转头" };

const section = document.querySelector("[data-camera]");
if (section) setUp(section);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function setUp(place) {
  const part = (name) => place.querySelector(`[data-camera-${name}]`);
  const ui = { view: part("view"), hint: part("hint"), words: part("words"), turns: part("turns"), button: part("open"), video: place.querySelector("video") };
  place.hidden = false;
  const why = reasonAgainst();
  if (why) {
    tell(ui.words, why);
    ui.view.hidden = true;
    return;
  }
  ui.button.hidden = false;
  ui.button.addEventListener("click", async () => {
    ui.button.hidden = true;
    try {
      await run(place.dataset, ui);
    } catch (problem) {
      tell(ui.words, explain(problem));
      tell(ui.hint, "请再试一次");
      ui.button.textContent = "再试一次";
      ui.button.hidden = false;
      ui.words.scrollIntoView({ block: "center" });
    } finally {
      close(ui);
    }
  });
  addEventListener("pagehide", () => close(ui));
}

// Browsers hide the camera from pages that are not encrypted.
function reasonAgainst() {
  if (navigator.mediaDevices?.getUserMedia) return "";
  if (!window.isSecureContext) return "当前网址没有加密（不是 https），浏览器不允许打开摄像头。请使用下方的拍照上传。";
  return "这个浏览器不能打开摄像头。请换手机自带的浏览器，或使用下方的拍照上传。";
}

function explain(problem) {
  if (problem.words) return problem.words;
  if (problem.name === "NotAllowedError") return "没有摄像头权限。请在浏览器设置中允许使用摄像头后再试，或使用下方的拍照上传。";
  if (problem.name === "NotFoundError" || problem.name === "OverconstrainedError") return "没有找到前置摄像头，请使用下方的拍照上传。";
  if (problem.name === "NotReadableError") return "摄像头正被其他应用占用，请关闭那个应用后再试。";
  return "网络中断，请检查网络后再试一次。";
}

function tell(line, words) {
  if (words && line.textContent !== words) line.textContent = words;
}

async function open({ video }) {
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } },
  });
  await video.play();
}

function isLive({ video }) {
  return Boolean(video.srcObject?.getVideoTracks().some((track) => track.readyState === "live"));
}

function close(ui) {
  for (const track of ui.video.srcObject?.getTracks() ?? []) track.stop();
  ui.video.srcObject = null;
  ui.view.classList.remove("camera--on", "camera--good");
  ui.view.removeAttribute("data-turn");
}

async function run(urls, ui) {
  tell(ui.words, "正在打开摄像头，请允许使用摄像头…");
  await open(ui);
  ui.turns.replaceChildren();
  ui.view.classList.add("camera--on");
  ui.view.scrollIntoView({ block: "center" });
  tell(ui.words, "请按画面中的提示做，大约需要 15 秒。");

  const snap = snapper(ui.video);
  await guide(urls.guide, ui, snap);
  const challenge = await ask(urls.start, new FormData());
  if (!isLive(ui)) await open(ui);
  const frames = await follow(challenge, ui, snap);
  tell(ui.hint, "很好，正在上传…");

  const data = new FormData();
  data.append("nonce", challenge.nonce);
  data.append("meta", JSON.stringify(frames.map(({ step, at_ms, seal }) => ({ step, at_ms, seal }))));
  for (const { blob } of frames) data.append("frame", blob, "frame.jpg");
  const answer = await ask(urls.submit, data);
  if (!answer.next) throw { words: answer.error || "这次没有成功，请再试一次。" };
  location.assign(answer.next);
}

// Until the camera has given another picture: a slow one may still show what was kept before. Not for long, and not where the browser cannot tell.
function newPicture(video) {
  if (!video.requestVideoFrameCallback) return Promise.resolve();
  return Promise.race([new Promise((done) => video.requestVideoFrameCallback(done)), pause(NEW_PICTURE_MS)]);
}

// A canvas that is used again for every frame.
function snapper(video) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  return async () => {
    if (!video.videoWidth) throw { words: "摄像头没有画面，请关闭其他正在使用摄像头的应用后再试。" };
    await newPicture(video);
    const scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  };
}

// Binds each frame to the challenge and to the one before it; the server computes the same (src/face/frames.rs). The camera exists only where crypto.subtle does.
async function sealer(nonce) {
  const text = (words) => new TextEncoder().encode(words);
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = await crypto.subtle.importKey("raw", text(nonce), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  let before = "";
  return async ({ step, at_ms, blob }) => {
    const picture = hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    before = hex(await crypto.subtle.sign("HMAC", key, text(`${before}\n${step}\n${at_ms}\n${picture}`)));
    return before;
  };
}

// POST, JSON back. A refusal with a sentence is thrown as that sentence.
async function ask(url, body) {
  const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (response.redirected) return { next: response.url };
  const answer = await response.json().catch(() => ({}));
  if (!response.ok && !answer.next) throw { words: answer.error || answer.message || "现在有点忙，请稍后再试一次。" };
  return answer;
}

async function guide(url, ui, snap) {
  const began = performance.now();
  let good = 0;
  let failures = 0;
  while (good < GOOD_IN_A_ROW) {
    const at = performance.now();
    if (at - began > GIVE_UP_AFTER_MS) throw { words: "一直没有看清您的脸。请到光线均匀的地方再试一次，或使用下方的拍照上传、人工审核。" };
    if (!isLive(ui)) await open(ui);
    const data = new FormData();
    data.append("frame", await snap(), "frame.jpg");
    try {
      const answer = await ask(url, data);
      failures = 0;
      good = answer.ok ? good + 1 : 0;
      tell(ui.hint, answer.message);
    } catch (problem) {
      failures += 1;
      if (failures >= 4) throw problem;
      tell(ui.hint, "网络有点慢，请保持不动…");
    }
    ui.view.classList.toggle("camera--good", good > 0);
    await pause(Math.max(0, GUIDE_EVERY_MS - (performance.now() - at)));
  }
}

// Steps: baseline, turn1, turn2 …, end. The turns share the frames, spread over the whole of each turn.
async function follow({ nonce, turns, seconds }, ui, snap) {
  const frames = [];
  const seal = await sealer(nonce);
  const began = performance.now();
  const count = Math.max(1, turns.length);
  const limit = Math.max(4, (Number(seconds) || 20) - 3) * 1000;
  const share = Math.max(2, Math.floor((MAX_FRAMES - 4) / count));
  const each = Math.min(TURN_MS, (limit - 1500) / count - BACK_MS);
  const keep = async (step, ms, most) => {
    const until = performance.now() + ms;
    const every = Math.max(KEEP_EVERY_MS, ms / most);
    for (let n = 0; n < most && frames.length < MAX_FRAMES && performance.now() < until; n += 1) {
      const at = performance.now();
      const frame = { step, at_ms: Math.round(at - began), blob: await snap() };
      frames.push({ ...frame, seal: await seal(frame) });
      await pause(Math.max(0, every - (performance.now() - at)));
    }
  };
  const marks = turns.map(() => document.createElement("li"));
  ui.turns.replaceChildren(...marks);
  ui.view.style.setProperty("--turn-ms", `${each}ms`);
  tell(ui.hint, "请正对屏幕，保持不动");
  await keep("baseline", 800, 2);
  for (const [i, side] of turns.entries()) {
    marks[i].className = "now";
    ui.view.dataset.turn = side;
    tell(ui.hint, TURN_WORDS[side] ?? "请正对屏幕");
    navigator.vibrate?.(60);
    await keep(`turn${i + 1}`, each, share);
    marks[i].className = "done";
    ui.view.removeAttribute("data-turn");
    tell(ui.hint, "请慢慢转回来，正对屏幕");
    await pause(BACK_MS);
  }
  await keep("end", 700, 2);
  return frames;
}
