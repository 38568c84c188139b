// The pages beside the manual's straight way: what is empty, wrong, refused, sent back or asked for once more, for candidates and
// for staff. Each is looked at; `make screenshots` keeps its picture. What happens on the way is tested elsewhere.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";

import { desk, fill, launch, phone, press, says, WECHAT } from "./support/browser.mjs";
import { Camera } from "./support/camera.mjs";
import { hold, inDays, jpeg, prove, refused, reset, see, sendLarge, signIn, then, upload } from "./support/detours.mjs";
import { readPdf } from "./support/pdf.mjs";
import { makePoses } from "./support/poses.mjs";
import { faults, look } from "./support/screens.mjs";
import { ROOT, Server } from "./support/server.mjs";
import { arrives, drawCard, register } from "./support/walk.mjs";

const CAMERA_PHOTO = join(ROOT, "assets/fetched/faces/obama.jpg");
const CARD_PHOTO = join(ROOT, "assets/fetched/faces/obama2.jpg");
const READING_MS = 90_000;
const STAFF = { login: "chen", password: "changsha-2026-desk" };

let server;
let empty;
let camera;
let browser;
/** At the demo's desk. */
let staff;
/** Three candidates: one goes the whole way with stumbles, one has a rare name, one only looks around and leaves. */
const whole = { script: true, name: "欧阳净", phone: "13900139001", password: "changsha2024", photo: CARD_PHOTO };
const rare = { script: true, name: "王𬱖", phone: "13900139002", password: "yuelu2024", photo: CARD_PHOTO };
const guest = { script: true, name: "陈小满", phone: "13900139003", password: "xiangjiang2024", photo: CARD_PHOTO };

before(async () => {
  const plain = await launch();
  const poses = await makePoses(plain, CAMERA_PHOTO).finally(() => plain.close());
  camera = new Camera(poses);
  server = await Server.start();
  empty = await Server.startEmpty(STAFF);
  browser = await launch({ cameraFile: camera.path });
});

after(async () => {
  await browser?.close();
  await server?.close();
  await empty?.close();
  camera?.close();
});

test("a school begins with empty lists, and candidates find an empty home page", async () => {
  const page = await phone(browser, { url: empty.url });
  await see(page, "/", "phone-01-home-empty");
  await see(page, "/login", "phone-02-login");
  await see(page, "/privacy", "phone-03-privacy");
  await see(page, "/nothing-here", "phone-04-not-found");
  const boss = await desk(browser, { url: empty.url });
  await see(boss, "/console/login", "desk-01-login");
  await fill(boss, "登录名", "nobody");
  await fill(boss, "密码", "wrong-password-here");
  await press(boss, "登录");
  await says(boss, "登录名或密码不对");
  await look(boss, "desk-02-login-wrong");
  await signIn(boss, STAFF);
  await look(boss, "desk-03-overview-empty");
  const lists = ["exams", "registrations", "review/identity", "review/face", "review/payment", "seating", "tickets/verify", "accounts", "nothing-here"];
  for (const [at, list] of lists.entries()) await see(boss, `/console/${list}`, `desk-${10 + at}-empty-${list.replace("/", "-")}`);
  await Promise.all([page, boss].map((one) => one.context().close()));
});

test("WeChat's browser is shown the way out, the poster can be printed", async () => {
  const page = await phone(browser, { url: server.url, userAgent: WECHAT });
  await see(page, "/", "phone-05-wechat");
  const paper = await desk(browser, { url: server.url });
  await paper.goto("/poster");
  await paper.emulateMedia({ media: "print" });
  await look(paper, "desk-04-poster-print");
  await Promise.all([page, paper].map((one) => one.context().close()));
});

test("whoever mistypes on the way in is told what to do", async () => {
  const page = await phone(browser, { url: server.url });
  await page.goto("/login");
  await fill(page, "证件号码", "11010519491231002X");
  await fill(page, "密码", "not-the-one");
  await then(page, "登录", "phone-10-login-wrong");
  await page.goto("/register");
  await fill(page, "姓名", "王");
  await page.getByText("姓名中有打不出的生僻字").tap();
  await page.getByLabel("生僻字的编码").fill("龙天");
  await then(page, "查找", "phone-11-register-rare");
  await fill(page, "证件号码", "110105194912310021");
  await page.getByLabel("考生类型").selectOption("专升本");
  await fill(page, "专业", "汉语言文学");
  await then(page, "下一步", "phone-12-register-wrong");
  await page.context().close();
});

test("a guest looks around", async () => {
  guest.page = await phone(browser, { url: server.url });
  const { page } = guest;
  await drawCard(guest);
  await see(page, "/demo/outbox", "phone-20-outbox");
  await register(guest);
  for (const [at, address] of ["/me", "/me/information", "/me/identity", "/registrations", "/me/messages", "/me/privacy", "/me/password", "/me/phone", "/me/privacy/close"].entries()) {
    await see(page, address, `phone-${21 + at}${address.replaceAll("/", "-")}`);
  }
  await page.goto("/me/password");
  await fill(page, "现在的密码", "not-the-one");
  await fill(page, "新密码", "12345");
  await page.getByLabel("再次输入新密码").fill("123456");
  await then(page, "修改密码", "phone-30-password-wrong");
  guest.registered = Date.now();
});

test("a card with another name is refused; with the right one it passes", async () => {
  whole.page = await phone(browser, { url: server.url });
  const { page } = whole;
  await drawCard(whole);
  await register({ ...whole, name: "欧阳静" });
  await page.goto("/");
  await page.getByRole("link", { name: /学士学位外语考试/ }).tap();
  await arrives(page, /\/exams\//);
  await look(page, "phone-40-exam-needs-identity");
  await upload(whole);
  await says(page, "认证未通过");
  await look(page, "phone-41-identity-failed");
  await page.goto("/me/information");
  await fill(page, "姓名", whole.name);
  await then(page, "保存", "phone-42-name-changed");
  await upload(whole);
  await says(page, /^已实名$/);
});

test("a rare name goes to a person, who sends it back once", async () => {
  rare.page = await phone(browser, { url: server.url });
  await drawCard(rare);
  await register(rare);
  await upload(rare);
  await says(rare.page, "人工审核中");
  await look(rare.page, "phone-43-identity-person");

  staff = await desk(browser, { url: server.url });
  await signIn(staff, { login: "demo", password: "baokao-demo" });
  await see(staff, "/console/review/identity", "desk-20-identity-queue");
  await staff.getByRole("link", { name: rare.name }).click();
  await look(staff, "desk-21-identity-case");
  await staff.getByRole("button", { name: /退回/ }).click();
  await says(staff, "请选择退回原因");
  await look(staff, "desk-22-identity-no-reason");
  await staff.getByText("照片反光或太暗").click();
  // The Enter key among the reasons returns; it must never approve.
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("Enter")]);
  await look(staff, "desk-23-identity-returned");
  await see(rare.page, "/me/identity", "phone-44-identity-returned");
  await upload(rare);
  await staff.goto("/console/review/identity");
  await staff.getByRole("link", { name: rare.name }).click();
  await Promise.all([staff.waitForEvent("load"), staff.getByRole("button", { name: /通过/ }).click()]);
  await see(rare.page, "/me/identity", "phone-45-identity-approved");
  await see(staff, "/console/accounts", "desk-24-accounts");
  await staff.getByRole("link", { name: rare.name }).click();
  await look(staff, "desk-25-account");
  await then(staff, "查看完整信息", "desk-26-account-full");
  await then(staff, "更正证件号码", "desk-27-number");
  await fill(staff, "新的证件号码", "110105194912310021");
  await fill(staff, "原因", "考生注册时输错一位，已核对身份证原件。");
  await then(staff, "更正号码", "desk-28-number-wrong");
});

test("staff write an exam that costs nothing, look at it and publish it", async () => {
  await see(staff, "/console/exams", "desk-30-exams");
  await staff.goto("/console/exams/new");
  await look(staff, "desk-31-exam-new");
  await then(staff, "保存", "desk-32-exam-wrong");
  await fill(staff, "考试名称", "2026年学位论文选题测试");
  await fill(staff, "报名开始", "2026-01-05T08:00");
  await fill(staff, "报名截止", inDays(30, "18:00"));
  await staff.getByLabel("第 1 行，科目代码").fill("01");
  await staff.getByLabel("第 1 行，科目名称").fill("论文写作基础");
  await staff.getByLabel("第 1 行，开考时间").fill(inDays(40, "09:00"));
  await staff.getByLabel("第 1 行，结束时间").fill(inDays(40, "11:00"));
  await staff.getByLabel("免费").check();
  await fill(staff, "准考证号前缀", "262");
  await staff.getByLabel("报考须知", { exact: true }).fill("## 报名条件\n\n本校在籍学生均可报名，不收费。");
  await then(staff, "预览须知", "desk-33-exam-notice");
  await Promise.all([staff.waitForURL(/\/console\/exams\/(?!new)[^/]+$/), staff.getByRole("button", { name: "保存" }).last().click()]);
  await look(staff, "desk-34-exam-draft");
  await then(staff, "以考生身份预览", "desk-35-exam-preview");
  await staff.goBack();
  await then(staff, "发布考试", "desk-36-exam-published");
});

test("an exam without a fee has three steps", async () => {
  const { page } = rare;
  await page.goto("/");
  await look(page, "phone-50-home-two-exams");
  await page.getByRole("link", { name: /论文选题/ }).tap();
  await arrives(page, /\/exams\//);
  await then(page, "开始报名", "phone-51-free-notice");
  await refused(page, "phone-52-refused");
});

test("a photograph that is too large is refused without scripts, a head that does not turn with them", async () => {
  const { page } = whole;
  await page.goto("/");
  await press(page, "开始报名");
  await arrives(page, /\/notice$/);
  whole.reference = /\/registrations\/([^/]+)\//.exec(page.url())[1];
  await page.locator("[data-notice]").evaluate((text) => text.scrollTo(0, text.scrollHeight));
  await press(page, "我已阅读并了解");
  await arrives(page, /\/face$/);
  const base = `/registrations/${whole.reference}`;
  await see(page, `${base}/notice`, "phone-53-notice-again");
  await see(page, `${base}/face/holding`, "phone-54-holding");
  await Promise.all([page.waitForEvent("load"), page.evaluate(sendLarge)]);
  await says(page, "文件太大");
  await look(page, "phone-55-too-large");

  await page.goto(`${base}/face`);
  await page.getByLabel("我已阅读以上说明").check();
  await press(page, "刷脸核验");
  await arrives(page, /\/face\/live$/);
  await press(page, "打开摄像头");
  await page.locator(".camera--on").waitFor();
  await look(page, "phone-56-face-guide");
  await page.locator("[data-camera-view][data-turn]").waitFor({ timeout: READING_MS });
  await look(page, "phone-57-face-turn");
  await arrives(page, /\/face\/result\//, READING_MS);
  await says(page, "这次没有通过");
  await look(page, "phone-58-face-refused");
  await see(page, `${base}/face`, "phone-59-face-after");
});

test("a person looks at the face and sends it back, then at another photograph", async () => {
  const { page } = whole;
  await hold(whole, CAMERA_PHOTO, "phone-60-holding-chosen");
  await see(page, `/registrations/${whole.reference}/face`, "phone-61-face-waits");
  await openFace();
  await look(staff, "desk-40-face");
  await staff.keyboard.press("1");
  await look(staff, "desk-41-face-return");
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("r")]);
  await see(page, `/registrations/${whole.reference}/face`, "phone-62-face-returned");
  await hold(whole, CAMERA_PHOTO);
  await openFace();
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("a")]);
  await see(page, `/registrations/${whole.reference}/face`, "phone-63-face-passed");
});

async function openFace() {
  await staff.goto("/console/review/face");
  await staff.getByRole("link", { name: whole.name }).click();
  await says(staff, "是本人，通过");
}

test("a proof is sent back, given again, and can be changed or withdrawn until the end", async () => {
  const { page } = whole;
  const base = `/registrations/${whole.reference}`;
  await page.goto(`${base}/information`);
  await page.getByLabel("英语").check();
  await page.getByLabel("已毕业").check();
  await page.getByLabel("及格", { exact: true }).check();
  await then(page, "报名", "phone-70-information-wrong");
  await page.getByLabel("中", { exact: true }).check();
  await press(page, "报名");
  await arrives(page, /\/payment$/);
  await prove(whole, "50.00");
  await look(page, "phone-71-proof-odd");
  await press(page, "提交");
  await arrives(page, /\/done$/);
  await openPayment();
  await look(staff, "desk-50-payment-odd");
  await staff.keyboard.press("2");
  await look(staff, "desk-51-payment-return");
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("Enter")]);
  await look(staff, "desk-52-payment-after");
  await see(page, base, "phone-72-returned");
  await see(page, `${base}/done`, "phone-73-proof-again");
  await see(page, "/me/messages", "phone-74-messages");
  await page.getByRole("link", { name: /退回/ }).first().tap();
  await arrives(page, /\/me\/messages\/.+/);
  await look(page, "phone-75-message");
  await see(page, "/me", "phone-76-me-news");
  await see(page, "/me/privacy", "phone-77-privacy-receipts");
  await prove(whole, "80.00");
  await press(page, "提交");
  await arrives(page, /\/done$/);
  await see(page, base, "phone-78-submitted");
  await see(page, `${base}/change`, "phone-79-change");
  await see(page, `${base}/withdraw`, "phone-80-withdraw");
  await see(page, `${base}/payment`, "phone-81-payment-after");
  await see(page, `${base}/information`, "phone-82-information-after");
});

async function openPayment() {
  await staff.goto("/console/review/payment");
  await staff.getByRole("link", { name: whole.reference }).click();
  await says(staff, "微信支付");
}

test("staff look at a registration and at the exam, seat the candidate and read the ticket's code", async () => {
  await openPayment();
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("a")]);
  await see(staff, `/console/registrations/${whole.reference}`, "desk-60-registration");
  await fill(staff, "搜索报名", "查无此人");
  await Promise.all([staff.waitForEvent("load"), staff.keyboard.press("Enter")]);
  await look(staff, "desk-61-search-nothing");
  await staff.goto("/console/exams");
  await staff.getByRole("link", { name: /学士学位外语考试/ }).click();
  await look(staff, "desk-62-exam");
  await then(staff, "保存时间", "desk-63-exam-times");
  await staff.getByLabel(/选择图片/).setInputFiles(await jpeg(CARD_PHOTO, "qr.jpg"));
  await then(staff, "上传", "desk-64-exam-picture");
  const seating = staff.url().replace("/exams/", "/seating/");
  await see(staff, seating, "desk-65-seating-empty");
  for (const [label, words] of [["考点", "南校区"], ["考点地址", "湖南省长沙市样本区示例路一号"], ["考场名称", "博学楼 A302"], ["列数", "5"], ["每列座位数", "6"]]) await fill(staff, label, words);
  await press(staff, "添加考场");
  await says(staff, "博学楼 A302");
  await press(staff, "为 1 名考生编排座位");
  await says(staff, "取消 1 名考生的座位");
  await press(staff, "发布准考证");
  await press(staff, "确认发布 1 张准考证");
  await says(staff, "准考证已发布");

  const answer = await whole.page.request.get(`/registrations/${whole.reference}/ticket.pdf`);
  const [ticket] = await readPdf(browser, await answer.body());
  const [code] = ticket.codes;
  await verify(code, "准考证有效", "desk-70-ticket-valid");
  const [kind, payload, signature] = code.split(".");
  await verify(`${kind}.${payload.slice(0, -2)}AA.${signature}`, "", "desk-71-ticket-forged");
  await see(staff, "/console", "desk-72-overview");
  await see(staff, "/console/audit", "desk-73-audit");
});

async function verify(code, words, name) {
  await staff.goto("/console/tickets/verify");
  await fill(staff, "核验码", code);
  await press(staff, "核验");
  await staff.waitForLoadState();
  if (words) await says(staff, words);
  else await staff.locator(".field--bad").waitFor();
  await look(staff, name);
}

test("a closed exam is still shown, without a way in", async () => {
  await staff.goto("/console/exams");
  await staff.getByRole("link", { name: /论文选题/ }).click();
  // The browser itself asks for a reason that is not there at all.
  await fill(staff, "关闭原因", " ");
  await then(staff, "关闭考试", "desk-80-close-without-reason");
  await fill(staff, "关闭原因", "教室临时维修，改期举行。");
  await then(staff, "关闭考试", "desk-81-exam-closed");
  await see(rare.page, "/", "phone-90-home-closed");
  await see(rare.page, "/registrations", "phone-91-registrations");
  await rare.page.locator("a.exam").tap();
  await arrives(rare.page, /\/registrations\/.+/);
  await look(rare.page, "phone-92-registration-stopped");
});

test("the guest resets the password on another phone and leaves", async () => {
  const former = guest.page;
  // A phone gets one code a minute.
  await former.waitForTimeout(Math.max(0, guest.registered + 61_000 - Date.now()));
  const other = await phone(browser, { url: server.url });
  guest.page = other;
  await former.goto("/me/information");
  await fill(former, "专业", "汉语言文学与写作");
  await reset(guest);
  // The first phone was signed out with the reset; what was typed there is not lost.
  await press(former, "保存");
  await arrives(former, /\/login\?next=/);
  await says(former, "登录已过期，刚才的内容没有提交");
  await look(former, "phone-36-signed-out");
  await fill(former, "证件号码", guest.card.number);
  await fill(former, "密码", guest.password);
  await press(former, "登录");
  await arrives(former, /\/me\/information$/);
  assert.equal(await former.getByLabel("专业").inputValue(), "汉语言文学与写作");
  await see(other, "/me/sessions", "phone-34-sessions");
  await other.goto("/me/privacy/close");
  await fill(other, "登录密码", guest.password);
  await press(other, "确认注销");
  await arrives(other, /\/closed$/);
  await look(other, "phone-35-closed");
  await Promise.all([former, other].map((one) => one.context().close()));
});

test("nothing stuck out, was cut, overlapped or pale, and no script failed", () => {
  assert.deepEqual(faults, []);
});
