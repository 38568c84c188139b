// The manual's whole way, from the poster to the admission ticket: once with scripts and the live camera, once without
// scripts and with a photograph. Both candidates are looked after by the same staff and sit in the same room.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";

import { desk, fill, launch, phone, press, says } from "./support/browser.mjs";
import { Camera } from "./support/camera.mjs";
import { readPdf } from "./support/pdf.mjs";
import { makePoses } from "./support/poses.mjs";
import { faults, look } from "./support/screens.mjs";
import { ROOT, Server } from "./support/server.mjs";
import { acceptNotice, arrives, downloadTicket, drawCard, giveInformation, handInProof, proveIdentity, register, showFace } from "./support/walk.mjs";

const CAMERA_PHOTO = join(ROOT, "assets/fetched/faces/obama.jpg");
const CARD_PHOTO = join(ROOT, "assets/fetched/faces/obama2.jpg");
const ROOM = "博学楼 A302";

let server;
let camera;
let browser;
let staff;
const candidates = [];

before(async () => {
  const plain = await launch();
  camera = new Camera(await makePoses(plain, CAMERA_PHOTO));
  await plain.close();
  server = await Server.start();
  browser = await launch({ cameraFile: camera.path });
});

after(async () => {
  await browser?.close();
  await server?.close();
  camera?.close();
});

async function handIn(who) {
  await drawCard(who);
  await register(who);
  await proveIdentity(who);
  await acceptNotice(who);
  await showFace(who);
  await giveInformation(who);
  await handInProof(who);
  candidates.push(who);
}

test("a candidate registers, shows card and face, and hands in the proof of payment", async () => {
  const page = await phone(browser, { url: server.url });
  await handIn({ page, script: true, label: "candidate", name: "王喆", phone: "13800138001", password: "changsha2024", photo: CARD_PHOTO, camera });
});

test("another does the same without scripts and with a photograph of the face", async () => {
  const page = await phone(browser, { url: server.url, javaScript: false });
  await handIn({ page, script: false, label: "noscript", name: "欧阳静", phone: "13800138002", password: "yuelu2024", photo: CARD_PHOTO, camera: CAMERA_PHOTO });
});

test("staff look at the face and the payments", async () => {
  staff = await desk(browser, { url: server.url });
  await staff.goto("/console");
  await fill(staff, "登录名", "demo");
  await fill(staff, "密码", "baokao-demo");
  await press(staff, "登录");
  await says(staff, "概览");
  await look(staff, "console-01-overview");

  const withPhoto = candidates.filter((who) => !who.script);
  await staff.goto("/console/review/face");
  await look(staff, "console-02-face-queue");
  for (const who of withPhoto) {
    await staff.getByRole("link", { name: who.name }).click();
    await says(staff, "是本人，通过");
    await look(staff, "console-03-face");
    await staff.locator("[data-key=a]").click();
    await says(staff, "没有等待处理的人脸审核");
  }

  await staff.goto("/console/review/payment");
  await look(staff, "console-04-payment-queue");
  for (const who of candidates) {
    await staff.goto("/console/review/payment");
    await staff.getByRole("link", { name: who.reference }).click();
    await says(staff, "微信支付");
    await look(staff, "console-05-payment");
    const [answer] = await Promise.all([staff.waitForResponse((response) => response.url().endsWith("/approve")), staff.locator("[data-key=a]").click()]);
    assert.ok(answer.status() < 400);
    await staff.waitForLoadState();
  }
  await staff.goto("/console/review/payment");
  await says(staff, "没有待审核的缴费凭证");
});

test("staff add a room, arrange the seats and release the tickets", async () => {
  await press(staff, "考场编排");
  await arrives(staff, /\/console\/seating$/);
  await look(staff, "console-10-seating-choose");
  await staff.getByRole("link", { name: /学士学位外语考试/ }).click();
  await arrives(staff, /\/console\/seating\/[^/]+$/);
  await fill(staff, "考点", "南校区");
  await fill(staff, "考点地址", "湖南省长沙市样本区示例路一号");
  await fill(staff, "考场名称", ROOM);
  await fill(staff, "列数", "5");
  await fill(staff, "每列座位数", "6");
  await look(staff, "console-11-seating");
  await press(staff, "添加考场");
  await says(staff, ROOM);
  await press(staff, `为 ${candidates.length} 名考生编排座位`);
  await says(staff, `取消 ${candidates.length} 名考生的座位`);
  await look(staff, "console-12-arranged");
  await press(staff, "考场对照");
  await arrives(staff, /\/table$/);
  await says(staff, ROOM);
  await look(staff, "console-13-rooms");
  await press(staff, "返回编排");
  await press(staff, "发布准考证");
  await arrives(staff, /\/release$/);
  await look(staff, "console-14-release");
  await press(staff, `确认发布 ${candidates.length} 张准考证`);
  await says(staff, "准考证已发布");
  await look(staff, "console-15-released");
  for (const [at, address] of ["/console/exams", "/console/registrations", "/console/accounts", "/console/audit", "/console/tickets/verify"].entries()) {
    await staff.goto(address);
    await look(staff, `console-${20 + at}${address.replaceAll("/", "-")}`);
  }
});

test("the candidates download their tickets", async () => {
  const seats = new Set();
  assert.ok(candidates.length > 0);
  for (const who of candidates) {
    const file = await downloadTicket(who);
    const [, number] = /^准考证-(\d+)\.pdf$/.exec(file.name);
    const [only, ...more] = await readPdf(browser, file.bytes);
    assert.equal(more.length, 0);
    for (const words of [who.name, number, who.card.number, ROOM, "英语"]) assert.ok(only.text.includes(words), `${words}: ${only.text}`);
    const seat = /座位号\s*(\d{2})/.exec(only.text)?.[1];
    assert.ok(seat, only.text);
    seats.add(seat);
    assert.ok(only.images > 0, "the photograph is missing");
    // BK1.payload.signature, the payload being JSON in base64url.
    assert.equal(only.codes.length, 1);
    const [kind, payload] = only.codes[0].split(".");
    assert.equal(kind, "BK1");
    assert.ok(Buffer.from(payload, "base64url").toString().includes(`"${number}"`), "the code does not carry the number");
  }
  assert.equal(seats.size, candidates.length);
});

test("nothing stuck out, was cut or overlapped on the way, and no script failed", () => {
  assert.deepEqual(faults, []);
});
