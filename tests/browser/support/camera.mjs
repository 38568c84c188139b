// A camera whose picture follows what the page asks. Chromium's fake camera maps its file into memory and reads it again
// for every frame; the file here holds one JPEG in a slot of fixed length, and writing another one into the slot is what
// the camera sees next. So nothing in the page and nothing in the program knows that it is tested.

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ANGLES, OTHER } from "./poses.mjs";

const SLOT = 160_000;
const STEP_MS = 70;
const MAX_COMMENT = 65_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Camera {
  #folder = mkdtempSync(join(tmpdir(), "baokao-camera-"));
  #file;
  #poses;
  #at = 0;

  /** `poses` is what makePoses gave: pictures by angle, and perhaps one of somebody else. */
  constructor(poses) {
    this.path = join(this.#folder, "camera.mjpeg");
    this.#poses = new Map([...poses].map(([angle, jpeg]) => [angle, fill(jpeg)]));
    writeFileSync(this.path, this.#poses.get(0));
    this.#file = openSync(this.path, "r+");
  }

  /** Shows the head at an angle at once. No two pictures of a camera are the same, however still everything is. */
  show(angle) {
    writeSync(this.#file, noisy(this.#poses.get(angle)), 0, SLOT, 0);
    this.#at = angle;
  }

  /** Turns the head: "left", "right" (the person's own) or "straight", at the speed of a person who was asked to do it slowly. */
  async turn(side) {
    const goal = { left: ANGLES.at(-1), right: ANGLES[0], straight: 0 }[side];
    this.show(ANGLES.includes(this.#at) ? this.#at : 0);
    while (this.#at !== goal) {
      this.show(ANGLES[ANGLES.indexOf(this.#at) + Math.sign(goal - this.#at)]);
      await pause(STEP_MS);
    }
  }

  /** Somebody else is before the camera, looking straight ahead. */
  replace() {
    this.show(OTHER);
  }

  /**
   * Does what the page of the live check shows, until `until` settles: looks where its arrow points. `act(side, number)` does something else when the
   * so-manieth turn (from 1) to a side is asked; by itself it turns there. `rest()` does something else than looking straight ahead while no turn is asked.
   */
  async follow(page, until, act = (side) => this.turn(side), rest = () => this.turn("straight")) {
    let over = false;
    const end = () => {
      over = true;
    };
    until.then(end, end);
    let asked = null;
    let number = 0;
    while (!over) {
      // The page may be leaving just now.
      const side = await page.locator("[data-camera-view]").getAttribute("data-turn", { timeout: 1000 }).catch(() => null);
      if (side && !asked) number += 1;
      asked = side;
      await (side ? act(side, number) : rest());
      await pause(50);
    }
    return until;
  }

  close() {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The same picture with another grain: some middle frequencies a little stronger or weaker, by its quantisation tables. */
function noisy(jpeg) {
  const changed = Buffer.from(jpeg);
  for (let at = 2; changed[at] === 0xff && changed[at + 1] !== 0xda; at += 2 + changed.readUInt16BE(at + 2)) {
    if (changed[at + 1] !== 0xdb) continue;
    for (let k = 6; k < 40; k += 1) if (changed[at + 5 + k] > 3) changed[at + 5 + k] += Math.floor(Math.random() * 3) - 1;
  }
  return changed;
}

/** The same JPEG, exactly as long as the slot: comment segments after its first marker. */
function fill(jpeg) {
  let missing = SLOT - jpeg.length;
  if (missing < 4) throw new Error(`a picture of ${jpeg.length} bytes does not fit the slot of ${SLOT}`);
  const parts = [jpeg.subarray(0, 2)];
  while (missing > 0) {
    // No remainder shorter than a segment's own head may be left.
    const length = missing > MAX_COMMENT ? Math.min(MAX_COMMENT, missing - 4) : missing;
    const segment = Buffer.alloc(length);
    segment.writeUInt16BE(0xfffe, 0);
    segment.writeUInt16BE(length - 2, 2);
    parts.push(segment);
    missing -= length;
  }
  parts.push(jpeg.subarray(2));
  return Buffer.concat(parts);
}
