// 通行密钥: a staff member adds one with the browser's own (virtual) authenticator and signs in with it, without a password.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DESK, desk, launch, press, says } from "./support/browser.mjs";
import { faults, look } from "./support/screens.mjs";
import { Server } from "./support/server.mjs";

const STAFF = { login: "chen", password: "a long password" };
let server;
let browser;

before(async () => {
  server = await Server.startEmpty(STAFF);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a passkey is added with the password, and signs in without it", async () => {
  const page = await desk(browser, { url: server.url });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  await page.goto("/console/login");
  await look(page, "passkey-door");
  await page.getByLabel("登录名").fill(STAFF.login);
  await page.locator("#form").getByLabel("密码").first().fill(STAFF.password);
  await press(page, "登录");
  await page.waitForURL(/\/console$/);
  await page.goto("/console/me");
  const form = page.locator("[data-passkey-add]");
  await form.getByLabel("新通行密钥的名称").fill("办公室电脑");
  await form.locator("[name=passkey_password]").fill("not the password");
  await press(page, "添加通行密钥");
  await says(page, "现在的密码不对");
  await form.locator("[name=passkey_password]").fill(STAFF.password);
  await press(page, "添加通行密钥");
  await says(page, "通行密钥已添加");
  await says(page, "办公室电脑");
  await look(page, "passkey-own");
  // The same name, and the same device, once more.
  await form.getByLabel("新通行密钥的名称").fill("办公室电脑");
  await form.locator("[name=passkey_password]").fill(STAFF.password);
  await press(page, "添加通行密钥");
  await page.getByRole("alert").filter({ hasText: "已有同名的通行密钥，请换一个名字。" }).waitFor();
  await form.getByLabel("新通行密钥的名称").fill("又一台");
  await form.locator("[name=passkey_password]").fill(STAFF.password);
  await press(page, "添加通行密钥");
  await says(page, "这个设备上已有您的通行密钥");
  await page.context().clearCookies();
  await page.goto("/console/login");
  await press(page, "用通行密钥登录");
  await page.waitForURL(/\/console$/);
  // One that was deleted is refused, as an error.
  await page.goto("/console/me");
  await page.locator("#passkeys summary").click();
  await look(page, "passkey-delete");
  await press(page, "确认删除");
  await says(page, "已删除通行密钥“办公室电脑”");
  await page.context().clearCookies();
  await page.goto("/console/login");
  await press(page, "用通行密钥登录");
  await page.getByRole("alert").filter({ hasText: "通行密钥没有通过，可能已被删除。请改用密码登录，或再试一次。" }).waitFor();
  await look(page, "passkey-refused");
  await page.context().close();
});

test("at another address than the passkeys' own nothing is offered", async () => {
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.port}/console/login`);
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByRole("button", { name: "用通行密钥登录" }).isVisible(), false);
  await context.close();
});

test("nothing stuck out, was cut, overlapped or pale, and no script failed", () => {
  assert.deepEqual(faults, []);
});
