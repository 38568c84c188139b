// 刷脸核验 before the camera: what is refused, each with its sentence, and at last the head that turns as asked. One candidate does it all: what the machine
// looked at costs a try, what never fitted its challenge does not.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";

import { launch, phone, press, says } from "./support/browser.mjs";
import { Camera } from "./support/camera.mjs";
import { makePoses } from "./support/poses.mjs";
import { faults, look } from "./support/screens.mjs";
import { ROOT, Server } from "./support/server.mjs";
import { acceptNotice, arrives, drawCard, proveIdentity, register } from "./support/walk.mjs";

const CAMERA_PHOTO = join(ROOT, "assets/fetched/faces/obama.jpg");
const OTHER_PHOTO = join(ROOT, "assets/fetched/faces/biden.jpg");
const CARD_PHOTO = join(ROOT, "assets/fetched/faces/obama2.jpg");
const CHECKING_MS = 90_000;
/** A challenge lasts 40 seconds. */
const TOO_LATE_MS = 41_000;

let server;
let camera;
let browser;
let page;

before(async () => {
  const plain = await launch();
  camera = new Camera(await makePoses(plain, CAMERA_PHOTO, OTHER_PHOTO));
  await plain.close();
  server = await Server.start();
  browser = await launch({ cameraFile: camera.path });
  page = await phone(browser, { url: server.url });
  const who = { page, script: true, label: "face", name: "王喆", phone: "13800138003", password: "changsha2024", photo: CARD_PHOTO };
  await drawCard(who);
  await register(who);
  await proveIdentity(who);
  await acceptNotice(who);
  await page.getByLabel("我已阅读以上说明").check();
  await press(page, "刷脸核验");
  await arrives(page, /\/face\/live$/);
});

after(async () => {
  await browser?.close();
  await server?.close();
  camera?.close();
});

/** One check before the camera, ending on the page of its result; `act` as for Camera.follow. */
async function fails(sentence, name, act) {
  await press(page, "打开摄像头");
  await camera.follow(page, arrives(page, /\/face\/result\/.*$/, CHECKING_MS), act);
  await says(page, "这次没有通过");
  await says(page, sentence);
  await look(page, `face-${name}`);
  await press(page, "再试一次");
  await arrives(page, /\/face\/live$/);
}

/** One check whose frames are sent by hand; the live page says the sentence, and no try is used up. */
async function isRefused(sentence, name, route) {
  await page.route("**/face/submit", route);
  await press(page, "打开摄像头");
  await camera.follow(page, says(page, sentence, CHECKING_MS));
  await look(page, `face-${name}`);
  await page.unroute("**/face/submit");
  await page.reload();
}

let earlier;

test("a still face is not seen turning", async () => {
  await page.route("**/face/submit", async (route) => {
    earlier = { body: route.request().postDataBuffer(), type: route.request().headers()["content-type"] };
    await route.continue();
  });
  await fails("没有看到您转头", "still", () => camera.turn("straight"));
  await page.unroute("**/face/submit");
  assert.ok(earlier.body.length > 100_000);
});

test("turns in the wrong order are told apart", async () => {
  await fails("转头的方向和提示不一致", "wrong-order", (side) => camera.turn(side === "left" ? "right" : "left"));
});

test("somebody else in the middle is noticed", async () => {
  await fails("没有一直看到同一张脸", "another", (side, number) => (number === 2 ? camera.replace() : camera.turn(side)));
});

test("frames of an earlier session are refused", async () => {
  await isRefused("这次核验不是从本页面开始的", "earlier", (route) =>
    route.continue({ postData: earlier.body, headers: { ...route.request().headers(), "content-type": earlier.type } }),
  );
});

test("frames of an earlier session under the new nonce are refused", async () => {
  await isRefused("画面不是这次核验拍下的，或被改动、调换过", "earlier-repacked", (route) => {
    const nonce = /name="nonce"\r\n\r\n([^\r]+)/;
    const [, now] = nonce.exec(route.request().postDataBuffer().toString("latin1"));
    const body = Buffer.from(earlier.body.toString("latin1").replace(nonce, `name="nonce"\r\n\r\n${now}`), "latin1");
    return route.continue({ postData: body, headers: { ...route.request().headers(), "content-type": earlier.type } });
  });
});

test("frames after the time are refused", async () => {
  await isRefused("超过了时间，画面没有提交", "late", async (route) => {
    await page.waitForTimeout(TOO_LATE_MS);
    await route.continue();
  });
});

test("a head that turns as asked passes", async () => {
  await says(page, "还可以试 2 次");
  await press(page, "打开摄像头");
  await camera.follow(page, arrives(page, /\/information$/, CHECKING_MS));
});

test("nothing stuck out, was cut or overlapped on the way, and no script failed", () => {
  assert.deepEqual(faults, []);
});
