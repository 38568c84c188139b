// What the parts of `make failures` share: specimens drawn by the program, changed in a page where it cannot draw them, and the look at a page for a code.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { desk, phone, words } from "../support/browser.mjs";
import { signIn } from "../support/detours.mjs";
import { look } from "../support/screens.mjs";
import { PROGRAM, ROOT } from "../support/server.mjs";
import { drawCard, register } from "../support/walk.mjs";

export const READING_MS = 90_000;
export const PHOTO = join(ROOT, "assets/fetched/faces/obama2.jpg");
export const SELFIE = join(ROOT, "assets/fetched/faces/obama.jpg");
export const OTHER = join(ROOT, "assets/fetched/faces/biden.jpg");

export class Kit {
  folder = mkdtempSync(join(tmpdir(), "baokao-failures-"));
  table = readFileSync(join(ROOT, "docs/FAILURES.md"), "utf8");
  /** What went wrong. */
  found = [];
  shown = new Set();
  #phones = 0;

  constructor(server, browser) {
    Object.assign(this, { server, browser });
  }

  /** The program's drawing as a file to choose. */
  draw(...args) {
    const out = join(this.folder, "drawn.jpg");
    execFileSync(PROGRAM, ["demo", ...args, "--out", out], { cwd: ROOT, env: this.server.environment });
    return file(readFileSync(out));
  }

  /** What the program reads of the card drawn last. */
  read() {
    return JSON.parse(execFileSync(PROGRAM, ["card", "read", join(this.folder, "drawn.jpg"), "--json"], { cwd: ROOT, env: this.server.environment }));
  }

  /** A picture changed by the body of a function of (pen, width, height, canvas, other) that runs in a page; it may return another canvas. */
  async changed(picture, change, other = picture) {
    const page = await this.browser.newPage();
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
  sentence(group, code) {
    const part = this.table.split(`<!-- ${group} -->`)[1];
    const line = part.split("\n").find((row) => row.startsWith(`| \`${code}\` |`));
    if (!line) throw new Error(`docs/FAILURES.md has no ${group} ${code}`);
    const plain = line.split("|")[2].trim();
    return plain.replace(/\{[^}]*\}/g, "\0").split("\0").sort((a, b) => b.length - a.length)[0];
  }

  /** Looks at the page for a code and notes what is missing. */
  async show(page, group, code, expected = this.sentence(group, code)) {
    const text = await words(page);
    if (!text.includes(expected)) this.found.push(`${group} ${code}: “${expected}” is not on the page:\n${text}`);
    await look(page, `${group}-${code}`);
    this.shown.add(`${group} ${code}`);
  }

  /** Does what shows a code; what goes wrong is noted, and the others go on. */
  async attempt(what, act) {
    try {
      await act();
    } catch (problem) {
      this.found.push(`${what}: ${problem.message}`);
    }
  }

  /** Somebody registered, with a drawn card or with this number; `photo` is the card's. */
  async candidate(name, { number, photo = PHOTO, server = this.server, browser = this.browser } = {}) {
    this.#phones += 1;
    const page = await phone(browser, { url: server.url });
    const who = { page, script: true, name, phone: String(13900139100 + this.#phones), password: "changsha2024", photo };
    if (number) who.card = { number };
    else await drawCard(who);
    await register(who);
    return who;
  }

  /** Staff approve what waits for them about this person. */
  async approve(queue, name, server = this.server) {
    const staff = await desk(this.browser, { url: server.url });
    await signIn(staff, { login: "demo", password: "baokao-demo" });
    await staff.goto(`/console/review/${queue}`);
    await staff.getByRole("link", { name }).click();
    await Promise.all([staff.waitForEvent("load"), staff.getByRole("button", { name: /通过/ }).click()]);
    await staff.context().close();
  }

  /** The codes of the table that were not shown. */
  missing() {
    const codes = ["identity", "face", "order"].flatMap((group) => {
      const rows = this.table.split(`<!-- ${group} -->`)[1].split("\n## ")[0].split("\nA doubt")[0].matchAll(/^\| `(\w+)` \|/gm);
      return [...rows].map(([, code]) => `${group} ${code}`);
    });
    return codes.filter((code) => !this.shown.has(code));
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function file(buffer, name = "picture.jpg", mimeType = "image/jpeg") {
  return { name, mimeType, buffer };
}

/** A file of which little more than the head was sent. */
export function cutShort({ buffer }) {
  return file(buffer.subarray(0, 1500));
}
