// The order screenshot: what is read of it, and what another's has in common with it.

import { readFileSync } from "node:fs";

import { fill, press } from "../support/browser.mjs";
import { arrives, choose, giveInformation } from "../support/walk.mjs";
import { atTheCamera, sendFace } from "./faces.mjs";
import { cutShort, file, READING_MS, SELFIE } from "./kit.mjs";

/** From the result of a face that a person looks at to the payment. */
export async function goPay(who) {
  await press(who.page, "下一步");
  await giveInformation(who);
  return who;
}

/** Uploads a screenshot, up to what was made of it. */
export async function upload(who, picture) {
  const { page, base } = who;
  await page.goto(`${base}/proof`);
  await choose(who, "picture", picture);
  await press(page, "上传");
  await arrives(page, /\/proof\/[^/]+$/, READING_MS);
  await page.locator(".banner, form#form input").first().waitFor({ timeout: READING_MS });
}

export async function showOrders(kit, payer) {
  const order = (...more) => kit.draw("receipt", "--seed", "3", ...more);
  const stacked = "const both = document.createElement('canvas'); both.width = width; both.height = height + other.height; const p = both.getContext('2d'); p.drawImage(canvas, 0, 0); p.drawImage(other, 0, height); return both;";
  const orders = {
    broken_picture: () => cutShort(order()),
    transaction_mismatch: () => order("--transaction", "4200002345202501010000000001"),
    transfer_to_person: () => order("--kind", "transfer"),
    not_a_receipt: () => kit.draw("card", "--seed", "7"),
    not_paid: () => order("--status", "待付款"),
    refunded: () => order("--amount", "80.00", "--refunded", "80.00"),
    partly_refunded: () => order("--amount", "80.00", "--refunded", "20.00"),
    several_orders: () => kit.changed(order(), stacked, kit.draw("receipt", "--seed", "5")),
    status_missing: () => order("--cut-top", "0.45"),
    amount_differs: () => order("--amount", "50.00"),
    paid_outside: () => order("--time", "2024-01-02T03:04:05"),
    payee_differs: () => order("--payee", "某某小吃店"),
    looks_edited: () => order("--edited", "ground"),
  };
  for (const [code, make] of Object.entries(orders)) {
    await kit.attempt(`order ${code}`, async () => {
      await upload(payer, await make());
      await kit.show(payer.page, "order", code);
    });
  }
  const handedIn = order();
  await kit.attempt("order corrected", async () => {
    await upload(payer, handedIn);
    const check = payer.page.url();
    await fill(payer.page, "收款方", "湖南师范大学继续教育学院");
    await press(payer.page, "提交");
    await arrives(payer.page, /\/done$/);
    await payer.page.goto(check);
    await kit.show(payer.page, "order", "corrected");
  });
  const other = await atTheCamera(kit, await kit.candidate("陈静"));
  await sendFace(other, file(readFileSync(SELFIE)));
  await goPay(other);
  await kit.attempt("order same_transaction", async () => {
    await upload(other, handedIn);
    await kit.show(other.page, "order", "same_transaction");
    await kit.show(other.page, "order", "same_picture");
  });
  await kit.attempt("order similar_picture", async () => {
    await upload(other, await kit.changed(handedIn, ""));
    await kit.show(other.page, "order", "similar_picture");
  });
}
