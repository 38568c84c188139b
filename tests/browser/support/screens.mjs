// Every page that a journey passes is looked at: nothing may stick out, be cut or overlap, words
// must be readable by day and by night, axe may find nothing, and no script may fail. With
// SCREENSHOTS=folder a picture of the whole page is kept there as well.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { violations } from "./axe.mjs";
import { misfits } from "./browser.mjs";
import { pale } from "./contrast.mjs";
import { ROOT } from "./server.mjs";

const FOLDER = process.env.SCREENSHOTS ? resolve(ROOT, process.env.SCREENSHOTS) : "";

/** What was wrong with the pages so far, each with the name of its picture: a journey goes on and tells all of it at its end. */
export const faults = [];

/** Looks at the page as it stands and, where wanted, keeps its picture as `name`.png. */
export async function look(page, name) {
  if (FOLDER) {
    mkdirSync(FOLDER, { recursive: true });
    await keep(page, join(FOLDER, `${name}.png`));
  }
  for (const words of [...(await misfits(page)), ...(await pale(page)), ...(await violations(page)), ...(page.problems?.splice(0) ?? [])]) faults.push(`${name}: ${words}`);
}

// As on a screen that is as long as the page, so that bars which stay in place do not lie across the middle.
async function keep(page, path) {
  const size = page.viewportSize();
  const height = await page.evaluate(() => Math.max(document.documentElement.scrollHeight, window.innerHeight));
  await page.setViewportSize({ width: size.width, height });
  try {
    await page.screenshot({ path });
  } finally {
    await page.setViewportSize(size);
  }
}
