// 人脸识别, live: <section data-camera data-guide data-start data-submit>, the markup of the macro `camera`.
// 1. A frame goes to data-guide every 400 ms; its answer {"message", "ok"} is shown on the oval.
// 2. After three good ones, data-start gives {"nonce", "turns": ["left", "right"], "seconds"}; the person follows, frames are kept.
// 3. nonce, meta (step and time of each frame) and the frames go to data-submit, which answers {"next"} or {"error"}.
// Nothing is kept when the page is left. The file form beneath works without any of this.

const WIDTH = 640;
const QUALITY = 0.85;
const GUIDE_EVERY_MS = 400;
const KEEP_EVERY_MS = 330;
const MAX_FRAMES = 24;
const GOOD_IN_A_ROW = 3;
const TURN_WORDS = { left: "请慢慢向左转头", right: "请慢慢向右转头" };

const section = document.querySelector("[data-camera]");
if (section) setUp(section);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function setUp(place) {
  const button = place.querySelector("[data-camera-open]");
  const words = place.querySelector("[data-camera-words]");
  place.hidden = false;
  const why = reasonAgainst();
  if (why) {
    tell(words, why);
    button.hidden = true;
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.hidden = true;
    try {
      await run(place, words);
    } catch (problem) {
      tell(words, explain(problem));
      button.textContent = "再试一次";
      button.hidden = false;
    } finally {
      stop(place);
    }
  });
  addEventListener("pagehide", () => stop(place));
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

function stop(place) {
  const video = place.querySelector("video");
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  place.querySelector("[data-camera-view]").hidden = true;
}

async function run(place, words) {
  const view = place.querySelector("[data-camera-view]");
  const video = place.querySelector("video");
  tell(words, "正在打开摄像头…");
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } },
  });
  view.hidden = false;
  view.removeAttribute("data-turn");
  view.scrollIntoView({ block: "nearest" });
  await video.play();
  const hint = place.querySelector("[data-camera-hint]");
  tell(words, "请正对屏幕，让脸充满椭圆");

  const snap = snapper(video);
  await guide(place, view, hint, snap);
  const challenge = await ask(place.dataset.start, new FormData());
  const frames = await follow(challenge, view, hint, snap);
  view.removeAttribute("data-turn");
  tell(hint, "很好，正在上传…");

  const data = new FormData();
  data.append("nonce", challenge.nonce);
  data.append("meta", JSON.stringify(frames.map(({ step, at_ms }) => ({ step, at_ms }))));
  for (const { blob } of frames) data.append("frame", blob, "frame.jpg");
  const answer = await ask(place.dataset.submit, data);
  if (!answer.next) throw { words: answer.error || "这次没有成功，请再试一次。" };
  location.assign(answer.next);
}

// A canvas that is used again for every frame.
function snapper(video) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  return () => {
    const scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
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

async function guide(place, view, hint, snap) {
  let good = 0;
  let failures = 0;
  while (good < GOOD_IN_A_ROW) {
    const began = performance.now();
    const data = new FormData();
    data.append("frame", await snap(), "frame.jpg");
    try {
      const answer = await ask(place.dataset.guide, data);
      failures = 0;
      good = answer.ok ? good + 1 : 0;
      tell(hint, answer.ok ? "很好，请保持不动" : answer.message);
    } catch (problem) {
      failures += 1;
      if (failures >= 4) throw problem;
      tell(hint, "网络有点慢，请保持不动…");
    }
    view.classList.toggle("camera--good", good > 0);
    await pause(Math.max(0, GUIDE_EVERY_MS - (performance.now() - began)));
  }
}

// Steps: baseline, turn1, turn2 …, end. Each gets an equal share of the frames, and the time is divided alike.
async function follow({ turns, seconds }, view, hint, snap) {
  const frames = [];
  const began = performance.now();
  const limit = Math.max(4, (Number(seconds) || 20) - 3) * 1000;
  const share = Math.max(2, Math.floor((MAX_FRAMES - 4) / Math.max(1, turns.length)));
  const each = Math.min(3200, (limit - 1500) / Math.max(1, turns.length) - 700);
  const keep = async (step, ms, most) => {
    const until = performance.now() + ms;
    const every = Math.max(KEEP_EVERY_MS, ms / most);
    for (let n = 0; n < most && frames.length < MAX_FRAMES && performance.now() < until; n += 1) {
      const at = performance.now();
      frames.push({ step, at_ms: Math.round(at - began), blob: await snap() });
      await pause(Math.max(0, every - (performance.now() - at)));
    }
  };
  tell(hint, "请正对屏幕，保持不动");
  await keep("baseline", 800, 2);
  for (const [i, side] of turns.entries()) {
    view.dataset.turn = side;
    tell(hint, TURN_WORDS[side] ?? "请正对屏幕");
    await keep(`turn${i + 1}`, each, share);
    view.removeAttribute("data-turn");
    tell(hint, "请慢慢转回来，正对屏幕");
    await pause(700);
  }
  await keep("end", 700, 2);
  return frames;
}
