// The tools of the journeys: the program starts, the camera's head turns, a PDF can be read.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";

import { desk, launch, misfits, phone } from "./support/browser.mjs";
import { Camera } from "./support/camera.mjs";
import { readPdf } from "./support/pdf.mjs";
import { makePoses } from "./support/poses.mjs";
import { ROOT, Server } from "./support/server.mjs";

let server;
let camera;
let browser;

before(async () => {
  const plain = await launch();
  camera = new Camera(await makePoses(plain, join(ROOT, "assets/fetched/faces/obama.jpg")));
  await plain.close();
  server = await Server.start();
  browser = await launch({ cameraFile: camera.path });
});

after(async () => {
  await browser?.close();
  await server?.close();
  camera?.close();
});

test("the program answers, and again after it was killed", async () => {
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await server.end("SIGKILL");
  await server.run();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
});

test("the camera shows what it is told while it runs", async () => {
  const page = await phone(browser, { url: server.url });
  await page.goto("/healthz");
  await page.evaluate(async () => {
    window.video = document.createElement("video");
    window.video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    await window.video.play();
  });
  const look = () =>
    page.evaluate(() => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [window.video.videoWidth, window.video.videoHeight];
      const pen = canvas.getContext("2d");
      pen.drawImage(window.video, 0, 0);
      // The row of the nose.
      return [...pen.getImageData(200, 236, 240, 1).data];
    });
  const pause = () => new Promise((done) => setTimeout(done, 300));
  const seen = {};
  for (const side of ["straight", "left", "right", "straight"]) {
    await camera.turn(side);
    await pause();
    const row = await look();
    const difference = (other) => row.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / row.length;
    for (const [name, other] of Object.entries(seen)) {
      if (name === side) assert.ok(difference(other) < 6, `${side} looks like itself: ${difference(other)}`);
      else assert.ok(difference(other) > 10, `${side} does not look like ${name}: ${difference(other)}`);
    }
    seen[side] = row;
  }
  await page.context().close();
});

test("a page that is too wide is found out", async () => {
  const page = await phone(browser, { url: server.url });
  const meta = "<meta name=viewport content='width=device-width'>";
  await page.setContent(`${meta}<main><p style='width: 900px'>wide</p></main>`);
  assert.ok((await misfits(page)).length > 0);
  await page.setContent(`${meta}<main><p>narrow</p></main>`);
  assert.deepEqual(await misfits(page), []);
  await page.context().close();
});

test("a PDF's words and pages can be read", async () => {
  const page = await desk(browser, { url: server.url });
  await page.setContent("<h1>准考证 阿依古丽·买买提</h1>");
  const [only] = await readPdf(browser, await page.pdf({ format: "A4" }));
  assert.ok(only.text.includes("阿依古丽·买买提"), only.text);
  assert.ok(Math.abs(only.width - 595) < 2 && Math.abs(only.height - 842) < 2, `${only.width}×${only.height} is not A4`);
  assert.deepEqual([only.images, only.codes], [0, []]);
  await page.context().close();
});
