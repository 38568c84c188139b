// What axe-core finds on a page: names, roles, labels, order, landmarks, contrast (https://github.com/dequelabs/axe-core, MPL-2.0), by all rules that it has on by itself.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Violations, each with its rule and the first places; empty when all is well, and where the page runs no scripts. */
export async function violations(page) {
  if (!page.runsScripts) return [];
  await page.evaluate(SOURCE);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, help, nodes }) => `axe ${id} (${help}): ${nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" · ")}`);
}
