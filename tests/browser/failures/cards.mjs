// The identity card: each code from a picture that is uploaded.

import { deflateSync } from "node:zlib";

import { press, says } from "../support/browser.mjs";
import { upload } from "../support/detours.mjs";
import { choose } from "../support/walk.mjs";
import { cutShort, file, PHOTO } from "./kit.mjs";

const seed = ["--seed", "7"];
const person = ["--name", "王小明", "--picture", PHOTO, ...seed];
/** Where a person decides, the candidate reads this. */
const A_PERSON = "人工审核中";

export async function showCards(kit) {
  const { draw, changed } = { draw: kit.draw.bind(kit), changed: kit.changed.bind(kit) };
  const clean = draw("card", ...person, "--grade", "1");
  const back = draw("card", "--side", "back", ...seed, "--grade", "1");
  draw("card", ...person);
  const { number } = kit.read().front;
  const card = (...more) => draw("card", ...person, "--grade", "1", ...more);
  const wrong = `${number.slice(0, 16)}${(Number(number[16]) + 1) % 10}${number[17]}`;
  const failures = {
    too_small: { front: () => card("--width", "240", "--height", "180") },
    blurred: { front: () => card("--blur", "8") },
    dark: { front: () => card("--light", "0.05") },
    glare: { front: () => changed(clean, "pen.fillStyle = '#fff'; pen.beginPath(); pen.arc(width * 0.32, height * 0.3, height * 0.17, 0, 7); pen.fill();") },
    cut_off: { front: async () => changed(card("--scale", "1"), "const cut = document.createElement('canvas'); cut.width = width; cut.height = height * 0.72; cut.getContext('2d').drawImage(canvas, 0, 0); return cut;") },
    not_a_card: { front: () => draw("receipt", ...seed) },
    sides_swapped: { front: () => back, back: () => clean },
    same_side: { front: () => clean, back: () => clean },
    copy: { front: () => changed(clean, "const p = pen.getImageData(0, 0, width, height); for (let i = 0; i < p.data.length; i += 4) p.data.fill((p.data[i] * 3 + p.data[i + 1] * 6 + p.data[i + 2]) / 10, i, i + 3); pen.putImageData(p, 0, 0);") },
    screen: { front: () => card("--moire", "0.8") },
    number_invalid: { front: () => draw("card", "--name", "王小明", "--picture", PHOTO, "--number", wrong, "--grade", "1", "--seed", "7") },
    validity_unreadable: { back: () => changed(draw("card", "--side", "back", ...seed), "pen.fillStyle = '#dfe6e2'; pen.fillRect(width * 0.38, height * 0.83, width * 0.6, height * 0.13);") },
    portrait_unreadable: { front: () => draw("card", "--name", "王小明", "--number", number, "--grade", "1", ...seed) },
    unreadable: { front: () => changed(draw("card", ...person), "pen.fillStyle = '#e8eef2'; pen.fillRect(width * 0.16, height * 0.08, width * 0.3, height * 0.13);") },
    name_differs: { front: () => draw("card", "--name", "李大勇", "--picture", PHOTO, "--number", number, "--grade", "1", "--seed", "7") },
    number_differs: { front: () => draw("card", "--name", "王小明", "--picture", PHOTO, "--grade", "1", "--seed", "9") },
    expired: { back: () => draw("card", "--side", "back", ...seed, "--from", "2014-06-01", "--until", "2024-06-01", "--grade", "1") },
  };
  const holder = await kit.candidate("王小明", { number });
  const send = async (who, { front, back: other }) => {
    who.card = { number: who.card.number, front: front ? await front() : clean, back: other ? await other() : back };
    await upload(who);
  };
  for (const [code, pictures] of Object.entries(failures)) {
    await kit.attempt(`identity ${code}`, async () => {
      await send(holder, pictures);
      await kit.show(holder.page, "identity", code);
    });
  }
  // These are refused where they are chosen.
  const refused = {
    damaged: [cutShort(clean), "打不开，可能没有传完整。请重新选择或重拍。"],
    too_many_pixels: [file(giant(), "picture.png", "image/png"), "的尺寸太大"],
  };
  for (const [code, [picture, sentence]] of Object.entries(refused)) {
    await kit.attempt(`identity ${code}`, async () => {
      await holder.page.goto("/me/identity/upload");
      await choose(holder, "front", picture);
      await choose(holder, "back", back);
      await press(holder.page, "开始认证");
      await says(holder.page, sentence);
      await kit.show(holder.page, "identity", code, sentence);
    });
  }
  // These refuse nobody: what is printed and what is read may both be wrong, and a person looks.
  const doubts = {
    birth_mismatch: ["王小云", "--birth", "1960-02-03"],
    sex_mismatch: ["王小雨"],
  };
  for (const [code, [name, ...more]] of Object.entries(doubts)) {
    await kit.attempt(`identity ${code}`, async () => {
      const drawn = ["card", "--name", name, "--picture", PHOTO, "--grade", "1", "--seed", String(20 + Object.keys(doubts).indexOf(code))];
      draw(...drawn);
      const read = kit.read().front;
      const who = await kit.candidate(name, { number: read.number });
      const change = code === "sex_mismatch" ? ["--sex", read.sex === "男" ? "女" : "男"] : more;
      await send(who, { front: () => draw(...drawn, "--number", read.number, ...change) });
      await says(who.page, A_PERSON);
      await kit.show(who.page, "identity", code, A_PERSON);
    });
  }
}

/** The head of a PNG of 30,000 × 30,000 pixels. */
function giant() {
  const chunk = (kind, data) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(kind, 4, "latin1");
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(Buffer.concat([head.subarray(4), data])));
    return Buffer.concat([head, data, sum]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(30_000, 0);
  size.writeUInt32BE(30_000, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", size), chunk("IDAT", deflateSync(Buffer.alloc(1 << 16))), chunk("IEND", Buffer.alloc(0))]);
}

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
