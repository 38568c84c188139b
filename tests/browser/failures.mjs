// `make failures`: what a candidate sees for each code of docs/FAILURES.md, one picture a code in screenshots/failures. Each specimen is drawn by the program
// (`baokao demo card`, `receipt`, `face`) or is one of its drawings changed here; each is uploaded in the demo, and the page must say the sentence.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { launch, phone, press, says, words } from "./support/browser.mjs";
import { upload } from "./support/detours.mjs";
import { faults, look } from "./support/screens.mjs";
import { PROGRAM, ROOT, Server } from "./support/server.mjs";
import { acceptNotice, arrives, choose, drawCard, giveInformation, proveIdentity, register } from "./support/walk.mjs";

const READING_MS = 90_000;
const PHOTO = join(ROOT, "assets/fetched/faces/obama2.jpg");
const SELFIE = join(ROOT, "assets/fetched/faces/obama.jpg");

const folder = mkdtempSync(join(tmpdir(), "baokao-failures-"));
const [server, browser] = await Promise.all([Server.start(), launch()]);
const table = readFileSync(join(ROOT, "docs/FAILURES.md"), "utf8");
const found = [];
const shown = new Set();

/** The program's drawing as a file to choose. */
function draw(...args) {
  const out = join(folder, "drawn.jpg");
  execFileSync(PROGRAM, ["demo", ...args, "--out", out], { cwd: ROOT, env: server.environment });
  return file(readFileSync(out));
}

function file(buffer, name = "picture.jpg") {
  return { name, mimeType: "image/jpeg", buffer };
}

/** A picture changed by the body of a function of (pen, width, height, canvas, other) that runs in a page; it may return another canvas. */
async function changed(picture, change, other = picture) {
  const page = await browser.newPage();
  try {
    const data = await page.evaluate(
      async ({ sources, body }) => {
        const [image, other] = sources.map((source) => Object.assign(new Image(), { src: source }));
        await Promise.all([image.decode(), other.decode()]);
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        const pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0);
        const made = new Function("pen", "width", "height", "canvas", "other", body)(pen, image.width, image.height, canvas, other) ?? canvas;
        return made.toDataURL("image/jpeg", 0.9);
      },
      { sources: [picture, other].map(({ buffer }) => `data:image/jpeg;base64,${buffer.toString("base64")}`), body: change },
    );
    return file(Buffer.from(data.split(",")[1], "base64"));
  } finally {
    await page.close();
  }
}

/** The first words of a code's sentence, up to where something is filled in. */
function sentence(group, code) {
  const part = table.split(`<!-- ${group} -->`)[1];
  const line = part.split("\n").find((row) => row.startsWith(`| \`${code}\` |`));
  if (!line) throw new Error(`docs/FAILURES.md has no ${group} ${code}`);
  const plain = line.split("|")[2].trim();
  return plain.replace(/\{[^}]*\}/g, "\0").split("\0").sort((a, b) => b.length - a.length)[0];
}

/** Looks at the page for a code and notes what is missing. */
async function show(page, group, code, expected = sentence(group, code)) {
  const text = await words(page);
  if (!text.includes(expected)) found.push(`${group} ${code}: “${expected}” is not on the page:\n${text}`);
  await look(page, `${group}-${code}`);
  shown.add(`${group} ${code}`);
}

let next = 0;
async function candidate(name, number) {
  next += 1;
  const page = await phone(browser, { url: server.url });
  const who = { page, script: true, name, phone: `1390013910${next}`, password: "changsha2024", photo: PHOTO };
  if (number) who.card = { number };
  else await drawCard(who);
  await register(who);
  return who;
}

// The identity card -------------------------------------------------------------------------------

const seed = ["--seed", "7"];
const person = ["--name", "王小明", "--picture", PHOTO, ...seed];
const clean = draw("card", ...person, "--grade", "1");
const cardBack = draw("card", "--side", "back", ...seed, "--grade", "1");
draw("card", ...person);
const number = JSON.parse(execFileSync(PROGRAM, ["card", "read", join(folder, "drawn.jpg"), "--json"], { cwd: ROOT, env: server.environment })).front.number;
const card = (...more) => draw("card", ...person, "--grade", "1", ...more);
const wrong = `${number.slice(0, 16)}${(Number(number[16]) + 1) % 10}${number[17]}`;
const identity = {
  too_small: { front: () => card("--width", "240", "--height", "180") },
  blurred: { front: () => card("--blur", "8") },
  dark: { front: () => card("--light", "0.05") },
  glare: { front: () => changed(clean, "pen.fillStyle = '#fff'; pen.beginPath(); pen.arc(width * 0.32, height * 0.3, height * 0.17, 0, 7); pen.fill();") },
  cut_off: { front: async () => changed(card("--scale", "1"), "const cut = document.createElement('canvas'); cut.width = width; cut.height = height * 0.72; cut.getContext('2d').drawImage(canvas, 0, 0); return cut;") },
  not_a_card: { front: () => draw("receipt", ...seed) },
  sides_swapped: { front: () => cardBack, back: () => clean },
  same_side: { front: () => clean, back: () => clean },
  copy: { front: () => changed(clean, "const p = pen.getImageData(0, 0, width, height); for (let i = 0; i < p.data.length; i += 4) p.data.fill((p.data[i] * 3 + p.data[i + 1] * 6 + p.data[i + 2]) / 10, i, i + 3); pen.putImageData(p, 0, 0);") },
  screen: { front: () => card("--moire", "0.8") },
  number_invalid: { front: () => draw("card", "--name", "王小明", "--picture", PHOTO, "--number", wrong, "--grade", "1", "--seed", "7") },
  validity_unreadable: { back: () => changed(draw("card", "--side", "back", ...seed), "pen.fillStyle = '#dfe6e2'; pen.fillRect(width * 0.38, height * 0.83, width * 0.6, height * 0.13);") },
  unreadable: { front: () => changed(draw("card", ...person), "pen.fillStyle = '#e8eef2'; pen.fillRect(width * 0.16, height * 0.08, width * 0.3, height * 0.13);") },
  name_differs: { front: () => draw("card", "--name", "李大勇", "--picture", PHOTO, "--number", number, "--grade", "1", "--seed", "7") },
  number_differs: { front: () => draw("card", "--name", "王小明", "--picture", PHOTO, "--grade", "1", "--seed", "9") },
  expired: { back: () => draw("card", "--side", "back", ...seed, "--from", "2014-06-01", "--until", "2024-06-01", "--grade", "1") },
};
const holder = await candidate("王小明", number);
for (const [code, { front, back }] of Object.entries(identity)) {
  holder.card = { number, front: front ? await front() : clean, back: back ? await back() : cardBack };
  try {
    await upload(holder);
    await show(holder.page, "identity", code);
  } catch (problem) {
    found.push(`identity ${code}: ${problem.message}`);
  }
}

// The face: a photograph that is uploaded goes through the same gates as the camera's; five failures close this way ------

/** A candidate who has come to the camera's page. */
async function atTheCamera() {
  const who = await candidate("欧阳净");
  await proveIdentity(who);
  await acceptNotice(who);
  who.base = new URL(who.page.url()).pathname.replace(/\/face$/, "");
  await who.page.getByLabel("我已阅读以上说明").check();
  await press(who.page, "刷脸核验");
  await arrives(who.page, /\/face\/live$/);
  return who;
}

async function sendFace(who, picture) {
  await who.page.goto(`${who.base}/face/live`);
  await choose(who, "photo", picture);
  await press(who.page, "上传照片");
  await arrives(who.page, /\/face\/result\/.*$/, READING_MS);
}

const gates = { no_face: "nobody", move_closer: "far", too_close: "near", off_centre: "aside", too_dark: "dark", too_bright: "bright", backlit: "backlit", blurred: "blurred", eyes_covered: "sunglasses", mouth_covered: "mask" };
let payer;
for (const [at, [code, fault]] of Object.entries(gates).entries()) {
  try {
    if (at % 4 === 0) payer = await atTheCamera();
    await sendFace(payer, draw("face", "--picture", SELFIE, "--fault", fault));
    await show(payer.page, "face", code);
  } catch (problem) {
    found.push(`face ${code}: ${problem.message}`);
  }
}

// The order screenshot ----------------------------------------------------------------------------

try {
  await sendFace(payer, file(readFileSync(SELFIE)));
  await says(payer.page, "已提交，等待人工核对");
  await look(payer.page, "face-not_live");
  await press(payer.page, "下一步");
  await giveInformation(payer);
  const order = (...more) => draw("receipt", "--seed", "3", ...more);
  const stacked = "const both = document.createElement('canvas'); both.width = width; both.height = height + other.height; const p = both.getContext('2d'); p.drawImage(canvas, 0, 0); p.drawImage(other, 0, height); return both;";
  const orders = {
    transfer_to_person: () => order("--kind", "transfer"),
    not_a_receipt: () => clean,
    not_paid: () => order("--status", "待付款"),
    refunded: () => order("--amount", "80.00", "--refunded", "80.00"),
    partly_refunded: () => order("--amount", "80.00", "--refunded", "20.00"),
    several_orders: () => changed(order(), stacked, draw("receipt", "--seed", "5")),
    status_missing: () => order("--cut-top", "0.45"),
    amount_differs: () => order("--amount", "50.00"),
    paid_outside: () => order("--time", "2024-01-02T03:04:05"),
    payee_differs: () => order("--payee", "某某小吃店"),
    looks_edited: () => order("--edited", "ground"),
  };
  for (const [code, make] of Object.entries(orders)) {
    try {
      await payer.page.goto(`${payer.base}/proof`);
      await choose(payer, "picture", await make());
      await press(payer.page, "上传");
      await arrives(payer.page, /\/proof\/[^/]+$/, READING_MS);
      await payer.page.locator(".banner").first().waitFor({ timeout: READING_MS });
      await show(payer.page, "order", code);
    } catch (problem) {
      found.push(`order ${code}: ${problem.message}`);
    }
  }
} catch (problem) {
  found.push(`the way to the order: ${problem.message}`);
}

await browser.close();
await server.close();
rmSync(folder, { recursive: true, force: true });
console.log(`${shown.size} codes were shown.`);
for (const problem of [...found, ...faults]) console.error(problem);
if (found.length + faults.length > 0) process.exit(1);
