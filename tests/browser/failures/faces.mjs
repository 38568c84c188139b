// The face: photographs that are uploaded go through the same gates as the camera's pictures; then the turns before the camera.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { launch, press, says, words } from "../support/browser.mjs";
import { upload } from "../support/detours.mjs";
import { Camera } from "../support/camera.mjs";
import { makePoses } from "../support/poses.mjs";
import { ROOT, Server } from "../support/server.mjs";
import { acceptNotice, arrives, choose, proveIdentity } from "../support/walk.mjs";
import { file, OTHER, READING_MS, SELFIE } from "./kit.mjs";

const NOBODY = "nobody";

const gates = { no_face: "nobody", move_closer: "far", too_close: "near", off_centre: "aside", too_dark: "dark", too_bright: "bright", backlit: "backlit", blurred: "blurred", eyes_covered: "sunglasses", mouth_covered: "mask" };

/** Somebody registered goes to the camera's page; whose card a person has to look at is approved by one. */
export async function atTheCamera(kit, who, server) {
  if (who.approved) {
    await upload(who);
    if ((await words(who.page)).includes("认证未通过")) {
      // After three times one may ask for a person.
      for (let tries = 1; tries < 3; tries += 1) await upload(who);
      await press(who.page, "申请人工审核");
    }
    await says(who.page, "人工审核中");
    await kit.approve("identity", who.name, server);
    await who.page.goto("/me/identity");
  } else {
    await proveIdentity(who);
  }
  await acceptNotice(who);
  who.base = new URL(who.page.url()).pathname.replace(/\/face$/, "");
  await who.page.getByLabel("我已阅读以上说明").check();
  await press(who.page, "刷脸核验");
  await arrives(who.page, /\/face\/live$/);
  return who;
}

export async function sendFace(who, picture) {
  await who.page.goto(`${who.base}/face/live`);
  await choose(who, "photo", picture);
  await press(who.page, "上传照片");
  await arrives(who.page, /\/face\/result\/.*$/, READING_MS);
}

/** Every gate, by photographs. Five failures close this way, so that several people go it. Gives the last of them. */
export async function showGates(kit) {
  const selfie = file(readFileSync(SELFIE));
  const pictures = Object.entries(gates).map(([code, fault]) => [code, () => kit.draw("face", "--picture", SELFIE, "--fault", fault)]);
  const beside = "const both = document.createElement('canvas'); both.width = width * 2; both.height = height; const p = both.getContext('2d'); p.drawImage(canvas, 0, 0); p.drawImage(other, width, 0, width, height); return both;";
  pictures.push(["more_than_one_face", () => kit.changed(selfie, beside)]);
  let who;
  for (const [at, [code, make]] of pictures.entries()) {
    await kit.attempt(`face ${code}`, async () => {
      if (at % 4 === 0) who = await atTheCamera(kit, await kit.candidate("欧阳净"));
      await sendFace(who, await make());
      await kit.show(who.page, "face", code);
    });
  }
  await sendFace(who, selfie);
  await says(who.page, "已提交，等待人工核对");
  await kit.show(who.page, "face", "not_live");
  return who;
}

/** What only the camera shows. */
export async function showTurns(kit) {
  const camera = new Camera((await makePoses(kit.browser, SELFIE, OTHER)).set(NOBODY, await nobody(kit)));
  const browser = await launch({ cameraFile: camera.path });
  const stage = { kit, camera, browser };
  try {
    await failures(stage);
    await doubts(stage);
  } finally {
    await browser.close();
    camera.close();
  }
}

/** An empty room, as the camera sees it. */
async function nobody(kit) {
  const drawn = kit.draw("face", "--picture", SELFIE, "--fault", "nobody");
  const small = "const c = document.createElement('canvas'); c.width = 640; c.height = 480; c.getContext('2d').drawImage(canvas, 0, 0, 640, 480); return c;";
  return (await kit.changed(drawn, small)).buffer;
}

async function person({ kit, browser }, name, more = {}) {
  const who = await kit.candidate(name, { browser, ...more });
  who.approved = more.approved;
  who.card = { ...who.card, ...(await more.card?.(who.card)) };
  return atTheCamera(kit, who, more.server ?? kit.server);
}

/**
 * One check before the camera up to its result, or to where it leads who passes; `act` as for Camera.follow; `rest` from the start of the challenge to its
 * first turn; `frame` runs in the page.
 */
async function check({ camera }, { page, base }, { act = (side) => camera.turn(side), rest, frame, leadsTo = /\/face\/result\/.*$/ } = {}) {
  await page.goto(`${base}/face/live`);
  if (frame) await page.evaluate(frame);
  let beginning = false;
  await page.route("**/face/start", async (route) => {
    beginning = true;
    // So that the camera sees it from the first picture on.
    await page.waitForTimeout(600);
    await route.continue();
  });
  await press(page, "打开摄像头");
  const turn = (side, number) => {
    beginning = false;
    return act(side, number);
  };
  await camera.follow(page, arrives(page, leadsTo, READING_MS), turn, () => (beginning && rest ? rest() : camera.turn("straight")));
  await page.unroute("**/face/start");
}

// These run in the page and change what its canvas gives while a turn is asked. Whoever has the phone in hand can do as much.

/** One picture of the beginning once more. */
function onceMore() {
  const given = HTMLCanvasElement.prototype.toBlob;
  let first;
  let done = false;
  HTMLCanvasElement.prototype.toBlob = function (take, ...how) {
    const turning = document.querySelector("[data-camera-view]").dataset.turn;
    const started = document.querySelector("[data-camera-turns]").childElementCount > 0;
    given.call(this, (blob) => {
      if (turning && first && !done) {
        done = true;
        take(first);
      } else {
        if (started && !turning) first ??= blob;
        take(blob);
      }
    }, ...how);
  };
}

/** A picture is kept for a later check. */
function keep() {
  const given = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (take, ...how) {
    if (document.querySelector("[data-camera-view]").dataset.turn) localStorage.kept ??= this.toDataURL(...how);
    given.call(this, take, ...how);
  };
}

/** And given in it. */
function giveKept() {
  const given = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (take, ...how) {
    if (document.querySelector("[data-camera-view]").dataset.turn && localStorage.kept) {
      const bytes = Uint8Array.from(atob(localStorage.kept.split(",")[1]), (letter) => letter.charCodeAt(0));
      localStorage.removeItem("kept");
      take(new Blob([bytes], { type: "image/jpeg" }));
    } else {
      given.call(this, take, ...how);
    }
  };
}

/** A hand over the lens for as long as a turn is asked. */
function covered() {
  const given = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (take, ...how) {
    if (document.querySelector("[data-camera-view]").dataset.turn) {
      const lens = this.getContext("2d");
      for (let y = 0; y < this.height; y += 8) {
        lens.fillStyle = `rgb(${90 + Math.random() * 20} 70 60)`;
        lens.fillRect(0, y, this.width, 8);
      }
    }
    given.call(this, take, ...how);
  };
}

/** A picture of which little more than the head arrives. */
function cutFrames() {
  const given = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (take, ...how) {
    const turning = document.querySelector("[data-camera-view]").dataset.turn;
    given.call(this, (blob) => take(turning ? blob.slice(0, 1500, blob.type) : blob), ...how);
  };
}

async function failures(stage) {
  const { kit, camera } = stage;
  let side = 1;
  const sway = () => camera.show((side = -side) * 16);
  const cases = {
    no_baseline: { rest: () => camera.show(NOBODY) },
    unsteady_baseline: { rest: sway },
    missing_turn: { frame: covered },
    not_turned: { act: () => camera.turn("straight") },
    wrong_way: { act: (to) => camera.turn(to === "left" ? "right" : "left") },
    another_face: { act: (to, number) => (number === 2 ? camera.replace() : camera.turn(to)) },
    repeated: { frame: onceMore },
    unreadable: { frame: cutFrames },
  };
  // Three failures each: five bring a pause.
  let who;
  for (const [at, [code, how]] of Object.entries(cases).entries()) {
    await kit.attempt(`face ${code}`, async () => {
      if (at % 3 === 0) who = await person(stage, "张伟");
      await check(stage, who, how);
      await kit.show(who.page, "face", code);
    });
  }
  await kit.attempt("face different_person", async () => {
    who = await person(stage, "李强", { photo: OTHER });
    await check(stage, who);
    await kit.show(who.page, "face", "different_person");
    await check(stage, who, { act: () => camera.turn("straight"), frame: keep });
    await check(stage, who, { frame: giveKept });
    await kit.show(who.page, "face", "replayed");
  });
}

/** What goes to a person. */
async function doubts(stage) {
  const { kit } = stage;
  await kit.attempt("face portrait_too_small", async () => {
    const far = kit.draw("face", "--picture", SELFIE, "--fault", "far");
    writeFileSync(join(kit.folder, "far.jpg"), far.buffer);
    const who = await person(stage, "赵敏", { photo: join(kit.folder, "far.jpg") });
    await check(stage, who);
    await kit.show(who.page, "face", "portrait_too_small");
    await kit.show(who.page, "face", "unsure");
  });
  await kit.attempt("face no_portrait", async () => {
    const card = ({ number }) => ({ front: kit.draw("card", "--name", "孙丽", "--number", number, "--birth", "1991-08-04", "--grade", "1", "--seed", "31") });
    const who = await person(stage, "孙丽", { approved: true, card });
    await check(stage, who);
    await kit.show(who.page, "face", "no_portrait");
  });
  await withServer({ BAOKAO_FACE_TEMPLATE_DAYS: "30" }, async (server) => {
    await kit.attempt("face stored_elsewhere", async () => {
      await check(stage, await person(stage, "周杰", { server }), { leadsTo: /\/information$/ });
      const who = await person(stage, "吴磊", { server });
      await check(stage, who);
      await kit.show(who.page, "face", "stored_elsewhere");
    });
  });
}

/** A demo with other settings, for as long as `act` takes. */
export async function withServer(settings, act) {
  const server = await Server.start(settings);
  try {
    await act(server);
  } finally {
    await server.close();
  }
}

/** A demo without models: what a person decides there, and the face. */
export async function showWithoutMachine(kit, andThen) {
  const assets = join(kit.folder, "assets");
  mkdirSync(assets);
  cpSync(join(ROOT, "assets/fetched/fonts"), join(assets, "fonts"), { recursive: true });
  await withServer({ BAOKAO_ASSETS: assets }, async (server) => {
    await kit.attempt("face no_machine", async () => {
      const who = await kit.candidate("郑爽", { server });
      who.approved = true;
      await atTheCamera(kit, who, server);
      await sendFace(who, file(readFileSync(SELFIE)));
      await kit.show(who.page, "face", "no_machine");
      await andThen(who);
    });
  });
}
