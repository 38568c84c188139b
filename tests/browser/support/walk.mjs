// The manual's steps, with the words on the buttons. A candidate is { page, script, label, name, phone, password, photo,
// camera }; `script` is false where the browser runs no scripts, and then the plain forms are used.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { fill, press, says, words } from "./browser.mjs";
import { look } from "./screens.mjs";

/** A card or an order is read by models; a slow machine takes its time. */
const READING_MS = 90_000;
const DIGITS = "零一二三四五六七八九";

/** Who has no label passes only, and is not looked at. */
const see = (who, name) => (who.label ? look(who.page, `${who.label}-${name}`) : undefined);

/** Goes on when the address has this pattern; says what the page shows when it does not come. */
export async function arrives(page, pattern, timeout = 20_000) {
  await page.waitForURL(pattern, { timeout, waitUntil: "load" }).catch(failsWith(page));
}

/** Adds to a failure what the page shows. */
function failsWith(page) {
  return async (problem) => {
    throw new Error(`${problem.message}\nstill at ${page.url()}:\n${await words(page)}\n${page.problems.join("\n")}`);
  };
}

/** Puts a file into the picture slot with this field name; where scripts run, it is confirmed with 使用. */
export async function choose(who, field, file) {
  const slot = who.page.locator("[data-slot]").filter({ has: who.page.locator(`input[name="${field}"]`) });
  await slot.locator("input[type=file]").setInputFiles(file);
  if (who.script) await slot.getByRole("button", { name: "使用" }).tap();
}

/** The specimen card of /demo/card with a real photograph: { number, front, back }. */
export async function drawCard(who) {
  const { page } = who;
  await page.goto("/demo");
  await see(who, "01-demo");
  await page.goto("/demo/card");
  await fill(page, "姓名", who.name);
  await page.getByLabel("男", { exact: true }).check();
  await fill(page, "出生日期", "1991-08-04");
  await page.locator("input[name=portrait]").setInputFiles(who.photo);
  await see(who, "02-demo-card");
  await press(page, "画样本");
  await says(page, "样本已画好", READING_MS);
  const number = await page.locator(".facts__line", { hasText: "号码" }).locator("dd").innerText();
  const picture = async (alt, name) => {
    const source = await page.getByAltText(alt).getAttribute("src");
    return { name, mimeType: "image/jpeg", buffer: Buffer.from(source.split(",")[1], "base64") };
  };
  await see(who, "03-demo-card-drawn");
  who.card = { number, front: await picture("样本身份证人像面", "front.jpg"), back: await picture("样本身份证国徽面", "back.jpg") };
}

/** The code that was sent to this phone and was not read yet, from the demo's outbox. */
export async function codeFor(who) {
  const outbox = await who.page.context().newPage();
  try {
    const line = outbox.locator(".cell", { hasText: `****${who.phone.slice(-4)}` }).first();
    for (let tries = 0; tries < 40; tries += 1) {
      await outbox.goto("/demo/outbox");
      const code = (await line.count()) > 0 && /\d{6}/.exec(await line.locator(".cell__title").innerText());
      if (code && code[0] !== who.code) {
        who.code = code[0];
        return who.code;
      }
      await outbox.waitForTimeout(500);
    }
    throw new Error("no SMS came");
  } finally {
    await outbox.close();
  }
}

/** 注册: 个人信息 → 手机号 → 设置密码, then 登录. */
export async function register(who) {
  const { page } = who;
  await page.goto("/poster");
  await see(who, "10-poster");
  await page.goto("/");
  await see(who, "11-home-signed-out");
  await press(page, "注册新用户");
  await arrives(page, /\/register$/);
  await fill(page, "姓名", who.name);
  await fill(page, "证件号码", who.card.number);
  await page.getByLabel("考生类型").selectOption("专升本");
  await fill(page, "专业", "汉语言文学");
  await page.getByLabel("我已阅读并同意").check();
  await see(who, "12-register");
  await press(page, "下一步");
  await arrives(page, /\/register\/phone$/);
  await fill(page, "手机号", who.phone);
  if (!who.script) {
    const question = await page.getByText(/加.等于多少/).innerText();
    const [, a, b] = /(.)加(.)等于/.exec(question);
    await fill(page, question, String(DIGITS.indexOf(a) + DIGITS.indexOf(b)));
  }
  await press(page, "获取验证码");
  // The work before the SMS is a matter of luck and of the machine.
  if (who.script) await says(page, /秒后重发/, READING_MS).catch(failsWith(page));
  await fill(page, "短信验证码", await codeFor(who));
  await see(who, "13-register-phone");
  await press(page, "下一步");
  await arrives(page, /\/register\/password$/);
  await fill(page, "登录密码", who.password);
  await fill(page, "再次输入密码", who.password);
  await see(who, "14-register-password");
  await press(page, "完成注册");
  await says(page, "注册已提交");
  await see(who, "15-register-done");
  await press(page, "去登录");
  await arrives(page, /\/login$/);
  await fill(page, "证件号码", who.card.number);
  await fill(page, "密码", who.password);
  await see(who, "16-login");
  await press(page, "登录");
  await arrives(page, (url) => url.pathname !== "/login");
}

/** 个人中心 → 实名认证 → 认证 → both sides → 开始认证 → 认证成功. */
export async function proveIdentity(who) {
  const { page } = who;
  await press(page, "我的");
  await arrives(page, /\/me$/);
  await see(who, "20-me");
  await page.getByRole("link", { name: /^实名认证/ }).tap();
  await arrives(page, /\/me\/identity$/);
  await see(who, "21-identity");
  await press(page, "认证");
  await arrives(page, /\/me\/identity\/upload$/);
  await choose(who, "front", who.card.front);
  await choose(who, "back", who.card.back);
  await page.getByLabel("我已阅读，同意学校为核对身份处理我的证件信息").check();
  await see(who, "22-identity-upload");
  await press(page, "开始认证");
  await arrives(page, /\/me\/identity(\/wait\/.*)?$/, READING_MS);
  // The waiting page goes on by itself, perhaps while it is looked at.
  if (page.url().includes("/wait/")) await see(who, "23-identity-wait")?.catch(() => {});
  await arrives(page, /\/me\/identity$/, READING_MS);
  await says(page, /^已实名$/);
  await see(who, "24-identity-verified");
}

/** 首页 → 开始报名 → 报考须知. */
export async function acceptNotice(who) {
  const { page } = who;
  await press(page, "去报名");
  await says(page, "开始报名");
  await see(who, "30-home");
  await press(page, "开始报名");
  await arrives(page, /\/notice$/);
  await see(who, "31-notice");
  if (who.script) {
    await page.locator("[data-notice]").evaluate((text) => text.scrollTo(0, text.scrollHeight));
  } else {
    // Nothing counts the seconds here; the server does.
    await page.waitForTimeout(5500);
  }
  await press(page, "我已阅读并了解");
  await arrives(page, /\/face$/);
}

/** 人脸识别: before the camera where scripts run, else with a photograph that staff look at. */
export async function showFace(who) {
  const { page } = who;
  await page.getByLabel("我已阅读以上说明").check();
  await see(who, "40-face");
  await press(page, "刷脸核验");
  await arrives(page, /\/face\/live$/);
  await see(who, "41-face-live");
  if (who.script) {
    await press(page, "打开摄像头");
    await who.camera.follow(page, arrives(page, /\/information$/, READING_MS));
    return;
  }
  await choose(who, "photo", await picture(who.camera));
  await press(page, "上传照片");
  await arrives(page, /\/face\/(result\/.*|wait\/.*)$/, READING_MS);
  await arrives(page, /\/face\/result\/.*$/, READING_MS);
  await says(page, "已提交，等待人工核对");
  await see(who, "42-face-waits");
  await press(page, "下一步");
  await arrives(page, /\/information$/);
}

async function picture(path) {
  return { name: basename(path), mimeType: "image/jpeg", buffer: await readFile(path) };
}

/** 报考信息 → 报名 → 付款二维码. */
export async function giveInformation(who) {
  const { page } = who;
  await page.getByLabel("英语").check();
  await page.getByLabel("已毕业").check();
  await page.getByLabel("良", { exact: true }).check();
  await see(who, "50-information");
  await press(page, "报名");
  await arrives(page, /\/payment$/);
  await see(who, "51-payment");
}

/** 缴费 → 订单截图 → 提交: the screenshot is the one of /demo/receipt. */
export async function handInProof(who) {
  const { page } = who;
  const receipt = await page.context().newPage();
  await receipt.goto("/demo/receipt");
  await press(receipt, "画样本");
  await says(receipt, "样本已画好", READING_MS);
  const source = await receipt.getByAltText("样本订单截图").getAttribute("src");
  if (who.label) await look(receipt, `${who.label}-60-demo-receipt`);
  await receipt.close();

  await press(page, "我已缴费，上传订单截图");
  await arrives(page, /\/proof$/);
  await choose(who, "picture", { name: "order.jpg", mimeType: "image/jpeg", buffer: Buffer.from(source.split(",")[1], "base64") });
  await see(who, "61-proof");
  await press(page, "上传");
  await says(page, "请对照截图核对", READING_MS);
  await see(who, "62-proof-check");
  await press(page, "提交");
  await arrives(page, /\/done$/);
  await see(who, "63-done");
  who.reference = /\/registrations\/([^/]+)\//.exec(page.url())[1];
}

/** 我的报名 → 准考证下载: { name, bytes } of the file. */
export async function downloadTicket(who) {
  const { page } = who;
  await page.goto("/");
  // Its name goes on with the number of unread messages.
  await page.getByRole("link", { name: /^我的/ }).tap();
  await arrives(page, /\/me$/);
  await see(who, "70-me-with-news");
  await page.getByRole("link", { name: /^我的报名/ }).tap();
  await arrives(page, /\/registrations$/);
  await see(who, "71-registrations");
  await page.getByRole("link", { name: new RegExp(who.reference) }).tap();
  await says(page, "准考证下载");
  await see(who, "72-registration");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /^准考证下载/ }).tap()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
