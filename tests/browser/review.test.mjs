// A reviewer clears twenty cases with the keyboard alone: approves, sends back with two reasons and a sentence, takes a decision back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { desk, launch, says, words } from "./support/browser.mjs";
import { see, signIn } from "./support/detours.mjs";
import { faults, look } from "./support/screens.mjs";
import { Server } from "./support/server.mjs";

// Longer than the product has it: looking at a page takes a slow machine some seconds.
const UNDO_SECONDS = 25;
/** Of a hundred invented registrations 15 or so wait for the review: enough for all cases, however they fall. */
const CANDIDATES = 400;
const CASES = 20;

let server;
let browser;
let page;

before(async () => {
  server = await Server.start({ BAOKAO_UNDO_SECONDS: String(UNDO_SECONDS) }, CANDIDATES);
  browser = await launch();
  page = await desk(browser, { url: server.url });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** A key that leads to another page. */
async function goOn(key) {
  const before = page.url();
  await page.keyboard.press(key);
  try {
    await page.waitForURL((url) => url.href !== before);
  } catch (problem) {
    assert.fail(`the key ${key} leads nowhere from ${before}: ${problem.message}\n${await words(page)}`);
  }
}

test("twenty cases are cleared by keyboard only", async () => {
  await signIn(page, { login: "demo", password: "baokao-demo" });
  await see(page, "/console/review/payment", "review-01-queue");
  // Tab reaches the first case.
  const first = page.locator("main table a").first();
  for (let steps = 0; steps < 60 && !(await first.evaluate((link) => link === document.activeElement)); steps += 1) await page.keyboard.press("Tab");
  await goOn("Enter");
  await look(page, "review-02-case");

  for (let at = 1; at <= CASES; at += 1) {
    if (at % 5 === 0) {
      // Back to the candidate with two reasons and a sentence.
      await page.keyboard.press("r");
      await says(page, "请选择退回原因");
      await page.keyboard.press("1");
      await page.keyboard.press("2");
      if (at === 5) await look(page, "review-03-reasons");
      await goOn("r");
    } else {
      await goOn("a");
    }
    if (at === 3) {
      await says(page, "刚才的一件：通过");
      await look(page, "review-04-undo");
      const next = page.url();
      await goOn("z");
      await says(page, "已撤销，请重新决定");
      await look(page, "review-05-taken-back");
      await goOn("a");
      assert.equal(page.url(), next, "on to the same next case");
    }
  }
  await look(page, "review-06-after-twenty");
  // What was decided last takes effect by itself.
  await page.locator("[data-undo]").waitFor({ state: "detached", timeout: (UNDO_SECONDS + 5) * 1000 });
  await page.waitForTimeout(2000);
  const exam = await page.locator("main").first().innerText();
  assert.ok(exam.length > 0);
  await page.goto("/console/audit?action=payment.approve");
  assert.equal(await page.locator("main table tbody tr").count(), CASES - CASES / 5);
  await page.goto("/console/audit?action=payment.return");
  assert.equal(await page.locator("main table tbody tr").count(), CASES / 5);
  await page.goto("/console/audit?action=review.undo");
  assert.equal(await page.locator("main table tbody tr").count(), 1);
});

test("every page of the desk that no journey passes is looked at", async () => {
  const linked = async (list, part) => {
    await page.goto(list);
    const links = await page.locator("main a").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("?")[0]));
    return links.find((href) => new RegExp(`^${part}/(?!new$)[A-Za-z0-9_-]+$`).test(href)) ?? assert.fail(`${list} leads to no ${part}`);
  };
  const exam = await linked("/console/exams", "/console/exams");
  const registration = await linked("/console/registrations", "/console/registrations");
  const account = await linked("/console/accounts", "/console/accounts");
  const pages = [
    exam,
    ...["edit", "eligibility", "questions", "preview"].map((one) => `${exam}/${one}`),
    ...["", "/release"].map((one) => exam.replace("/exams/", "/seating/") + one),
    registration,
    account,
    account.replace("/accounts/", "/registrations/of/"),
    "/console/registrations?state=submitted&column=number&column=type&column=major&column=study&column=submitted",
    exam.replace("/exams/", "/review/payment/bulk?exam="),
    ...["number", "phone"].map((one) => `${account}/${one}`),
    ...["", "/registrations", "/messages", "/messages/new", "/messages/sms", "/settings", "/settings/service", "/settings/review", "/settings/consents", "/settings/sms"].map((one) => `/console${one}`),
    ...["/staff", "/staff/new", "/staff/roles", "/me", "/me/second-factor", "/audit", "/health", "/rosters", "/tickets/verify"].map((one) => `/console${one}`),
  ];
  for (const address of pages) {
    const answer = await page.goto(address);
    assert.ok(answer.status() < 400, `${address}: ${answer.status()}`);
    await look(page, `review-20${address.replace(/\?.*/, "").replaceAll("/", "-")}`.replace(/-[A-Z0-9]{8,}/, ""));
  }
});

test("nothing stuck out, was cut, overlapped or pale, and no script failed", () => {
  assert.deepEqual(faults, []);
});
