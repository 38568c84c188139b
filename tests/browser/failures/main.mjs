// `make failures`: what a candidate sees for each code of docs/FAILURES.md, one picture a code in screenshots/failures. Each specimen is drawn by the program
// (`baokao demo card`, `receipt`, `face`), is one of its drawings changed here, or stands before the camera; the page must say the sentence. A code of the table that was not shown is a failure.

import { launch } from "../support/browser.mjs";
import { faults } from "../support/screens.mjs";
import { Server } from "../support/server.mjs";
import { showCards } from "./cards.mjs";
import { showGates, showTurns, showWithoutMachine } from "./faces.mjs";
import { Kit } from "./kit.mjs";
import { goPay, showOrders, upload } from "./orders.mjs";

const server = await Server.start();
const browser = await launch();
const kit = new Kit(server, browser);
const parts = {
  cards: () => showCards(kit),
  turns: () => showTurns(kit),
  orders: async () => showOrders(kit, await goPay(await showGates(kit))),
  machine: () =>
    showWithoutMachine(kit, async (who) => {
      await goPay(who);
      await upload(who, kit.draw("receipt", "--seed", "3"));
      await kit.show(who.page, "order", "not_read");
    }),
};
// `node tests/browser/failures/main.mjs cards` shows a part alone.
const wanted = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) await kit.attempt(name, part);
}

await browser.close();
await server.close();
kit.close();
const missing = wanted.length > 0 ? [] : kit.missing();
console.log(`${kit.shown.size} codes were shown.`);
for (const problem of [...kit.found, ...faults, ...missing.map((code) => `${code} was not shown`)]) console.error(problem);
if (kit.found.length + faults.length + missing.length > 0) process.exit(1);
