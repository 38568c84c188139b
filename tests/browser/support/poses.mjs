// A head that turns, made from one photograph: the head is taken as an ellipsoid with a nose, turned about its vertical
// axis, and the photograph is drawn along. Only the places of the head in the photograph are given by hand.
//
// This is what an attacker with software could do too; the promise of the product is to stop a photograph and a recorded
// video, not a virtual camera. For a test it is a camera picture in which a real face turns by a known angle.

import { readFile } from "node:fs/promises";

/** Pixels of the camera. */
export const WIDTH = 640;
export const HEIGHT = 480;

/** The angles that a head passes on its way from straight to turned, in degrees; positive is the person's own left. */
export const ANGLES = [-40, -32, -24, -16, -8, 0, 8, 16, 24, 32, 40];

/** The key of somebody else's picture among the poses. */
export const OTHER = "other";

/** The head in assets/fetched/faces/obama.jpg, in pixels: centre, half-axes, tip of the nose; and the part that the camera sees. */
const HEAD = { cx: 490, cy: 237, a: 153, b: 206, nx: 497, ny: 262 };
const VIEW = { x: 136, y: 0, width: 711 };

/** The part of assets/fetched/faces/biden.jpg that the camera sees. */
const OTHER_VIEW = { x: 236, y: 100, width: 640 };

/** JPEG pictures of the head by angle: Map from degrees to Buffer. With `other`, a photograph of somebody else, under OTHER too. */
export async function makePoses(browser, photo, other) {
  const page = await browser.newPage();
  try {
    const make = async (file, view, angles) => {
      const source = `data:image/jpeg;base64,${(await readFile(file)).toString("base64")}`;
      const made = await page.evaluate(draw, { source, head: HEAD, view, angles, width: WIDTH, height: HEIGHT });
      return made.map(({ angle, jpeg }) => [angle, Buffer.from(jpeg, "base64")]);
    };
    const poses = new Map(await make(photo, VIEW, ANGLES));
    if (other) poses.set(OTHER, (await make(other, OTHER_VIEW, [0]))[0][1]);
    return poses;
  } finally {
    await page.close();
  }
}

// Runs inside the page.
async function draw({ source, head, view, angles, width, height }) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const scale = width / view.width;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, view.x, view.y, view.width, height / scale, 0, 0, width, height);
  const straight = pen.getImageData(0, 0, width, height);

  const cx = (head.cx - view.x) * scale;
  const cy = (head.cy - view.y) * scale;
  const [a, b] = [head.a * scale, head.b * scale];
  const [nx, ny] = [(head.nx - view.x) * scale, (head.ny - view.y) * scale];
  // How far a point of the photograph moves sideways. Nothing moves at the rim, so that the head stays joined to the picture.
  const shift = (x, y, sin, cos) => {
    const [u, v] = [(x - cx) / a, (y - cy) / b];
    const inside = 1 - u * u - v * v;
    if (inside <= 0) return 0;
    const nose = 0.34 * a * Math.exp(-(((x - nx) / (0.21 * a)) ** 2 + ((y - ny) / (0.25 * a)) ** 2) / 2);
    return inside * (x - cx) * (cos - 1) + (inside * 0.7 * a + Math.min(1, 4 * inside) * nose) * sin;
  };
  return angles.map((angle) => {
    const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
    const turned = pen.createImageData(width, height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        // Which point of the photograph arrives here: found by going back a few times.
        let from = x;
        for (let i = 0; i < 12; i += 1) from = x - shift(from, y, sin, cos);
        const left = Math.max(0, Math.min(width - 2, Math.floor(from)));
        const part = Math.max(0, Math.min(1, from - left));
        const at = (y * width + left) * 4;
        const to = (y * width + x) * 4;
        for (let c = 0; c < 3; c += 1) turned.data[to + c] = straight.data[at + c] * (1 - part) + straight.data[at + 4 + c] * part;
        turned.data[to + 3] = 255;
      }
    }
    pen.putImageData(turned, 0, 0);
    return { angle, jpeg: canvas.toDataURL("image/jpeg", 0.92).split(",")[1] };
  });
}
