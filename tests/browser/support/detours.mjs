// Ways beside the manual's: what goes wrong, is done again or is done by hand, for the pictures of pages.test.mjs.

import { readFile } from "node:fs/promises";

import { fill, press, says } from "./browser.mjs";
import { look } from "./screens.mjs";
import { arrives, choose, codeFor } from "./walk.mjs";

const READING_MS = 90_000;

/** Opens an address and looks at it. */
export async function see(page, address, name) {
  await page.goto(address);
  await look(page, name);
}

/** Presses a button and looks at what comes. */
export async function then(page, words, name) {
  await Promise.all([page.waitForEvent("load"), press(page, words)]);
  await look(page, name);
}

/** Staff sign in. */
export async function signIn(page, { login, password }) {
  await page.goto("/console");
  await fill(page, "登录名", login);
  await fill(page, "密码", password);
  await press(page, "登录");
  await says(page, "概览");
}

/** A time of the day so many days from now, as a form's field takes it. */
export function inDays(days, clock) {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${clock}`;
}

/** A photograph as a file to choose. */
export async function jpeg(path, name = "photo.jpg") {
  return { name, mimeType: "image/jpeg", buffer: await readFile(path) };
}

/** Resets the password by SMS, three steps on one page, and signs in. */
export async function reset(who) {
  const { page } = who;
  await see(page, "/reset", "phone-31-reset");
  await fill(page, "证件号码", who.card.number);
  await press(page, "获取验证码");
  await says(page, /秒后重发/, READING_MS);
  await look(page, "phone-32-reset-sent");
  await fill(page, "短信验证码", await codeFor(who));
  await page.getByLabel("新密码", { exact: true }).fill(who.password);
  await page.getByLabel("再次输入新密码").fill(who.password);
  await then(page, "重置密码", "phone-33-reset-done");
  await fill(page, "证件号码", who.card.number);
  await fill(page, "密码", who.password);
  await press(page, "登录");
  await arrives(page, (url) => url.pathname !== "/login");
}

/** Hands in both sides of the card. */
export async function upload(who) {
  const { page } = who;
  await page.goto("/me/identity/upload");
  await choose(who, "front", who.card.front);
  await choose(who, "back", who.card.back);
  const consent = page.getByLabel("我已阅读，同意学校为核对身份处理我的证件信息");
  if ((await consent.count()) > 0) await consent.check();
  await press(page, "开始认证");
  await arrives(page, /\/me\/identity$/, READING_MS);
}

/** Asks for what is not possible now, as an old page in another window would. */
export async function refused(page, name) {
  const change = page.url().replace(/\/notice$/, "/change");
  await Promise.all([page.waitForEvent("load"), page.evaluate(send, change)]);
  await says(page, "现在不能办理");
  await look(page, name);
}

function send(action) {
  const form = Object.assign(document.createElement("form"), { action, method: "post" });
  document.body.append(form);
  form.submit();
}

/** Sends the form of the photograph as a browser without scripts does, with one byte more than 4 MiB. */
export function sendLarge() {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(4 * 1024 * 1024 + 1)], "large.jpg", { type: "image/jpeg" }));
  const form = document.getElementById("form");
  form.querySelector("input[type=file]").files = files.files;
  form.submit();
}

/** Hands in a photograph for a person. */
export async function hold(who, photo, name) {
  await who.page.goto(`/registrations/${who.reference}/face/holding`);
  await choose(who, "photo", await jpeg(photo));
  await who.page.locator("#f-agree").check();
  if (name) await look(who.page, name);
  await press(who.page, "提交人工审核");
  await arrives(who.page, /\/face\/result\//, READING_MS);
}

/** Hands in an order of so many yuan, up to what was read. */
export async function prove(who, amount) {
  const { page } = who;
  await page.goto("/demo/receipt");
  await fill(page, "金额", amount);
  await press(page, "画样本");
  await says(page, "样本已画好", READING_MS);
  const source = await page.getByAltText("样本订单截图").getAttribute("src");
  await page.goto(`/registrations/${who.reference}/proof`);
  await choose(who, "picture", { name: "order.jpg", mimeType: "image/jpeg", buffer: Buffer.from(source.split(",")[1], "base64") });
  await press(page, "上传");
  await says(page, "请对照截图核对", READING_MS);
}
