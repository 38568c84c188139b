// A school's first day: from an empty installation to a published exam with an imported roster, in one sitting.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { desk, fill, launch, phone, press, says } from "./support/browser.mjs";
import { inDays, see, signIn, then } from "./support/detours.mjs";
import { faults, look } from "./support/screens.mjs";
import { Server } from "./support/server.mjs";

const STAFF = { login: "chen", password: "changsha-2026-desk" };
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const PEOPLE = 3000;

let server;
let browser;
let boss;

before(async () => {
  server = await Server.startEmpty(STAFF, true);
  browser = await launch();
  boss = await desk(browser, { url: server.url });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** A resident's number with its check digit, a different one for every `n`. */
function number(n) {
  const head = `430102${1970 + (n % 30)}${String(1 + (n % 12)).padStart(2, "0")}15${String(Math.floor(n / 10) % 1000).padStart(3, "0")}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(head[at]), 0);
  return head + "10X98765432"[sum % 11];
}

function table(change = (row) => row) {
  const rows = Array.from({ length: PEOPLE }, (_, n) => change([`考生${"甲乙丙丁戊"[n % 5]}`, number(n), `2026${String(n).padStart(6, "0")}`, "专升本", "会计学"], n));
  const text = [["姓名", "身份证号", "学号", "层次", "专业名称"], ...rows].map((row) => row.join(",")).join("\r\n");
  return { name: "2026 春季学籍.csv", mimeType: "text/csv", buffer: Buffer.from(text) };
}

async function send(file) {
  await boss.getByLabel(/选择表格/).setInputFiles(file);
  await Promise.all([boss.waitForURL(/\/imports\//), press(boss, "上传")]);
}

test("a roster with mistakes is shown where, a mended one is imported", async () => {
  await signIn(boss, STAFF);
  await see(boss, "/console/rosters", "school-01-rosters-empty");
  await fill(boss, "名称", "2026 年春季学籍");
  await then(boss, "新建", "school-02-roster-empty");
  const [template] = await Promise.all([boss.waitForEvent("download"), boss.getByRole("link", { name: "下载模板" }).click()]);
  assert.equal(template.suggestedFilename(), "roster-template.xlsx");

  await send(table((row, n) => (n % 500 === 7 ? [row[0], row[1].slice(0, 17), ...row.slice(2)] : row)));
  await look(boss, "school-03-columns");
  await press(boss, "检查全部行");
  await says(boss, "有 6 处错误");
  await look(boss, "school-04-errors");
  const [errors] = await Promise.all([boss.waitForEvent("download"), boss.getByRole("link", { name: "下载错误表" }).click()]);
  assert.equal(errors.suggestedFilename(), "roster-errors.xlsx");
  await boss.getByRole("link", { name: "重新上传" }).click();

  // The same heads again: the check begins by itself.
  await send(table());
  await says(boss, `${PEOPLE} 人，没有错误`);
  await look(boss, "school-05-preview");
  await then(boss, `导入这 ${PEOPLE} 人`, "school-06-roster");

  await send(table((row, n) => (n < 5 ? ["新来者", number(PEOPLE + 60 + n * 10), "", "专升本", "法学"] : row)));
  await says(boss, "没有错误");
  await look(boss, "school-07-differences");
  await press(boss, "取消导入");
  await says(boss, "学籍库没有变化");
  await fill(boss, "查找学籍", number(8));
  await then(boss, "查找", "school-08-found");
});

test("an exam for the people of the roster is written and published", async () => {
  await boss.goto("/console/exams/new");
  await fill(boss, "考试名称", "2026 年学士学位外语考试");
  await fill(boss, "报名开始", "2026-01-05T08:00");
  await fill(boss, "报名截止", inDays(30, "18:00"));
  await boss.getByLabel("第 1 行，科目代码").fill("01");
  await boss.getByLabel("第 1 行，科目名称").fill("英语");
  await boss.getByLabel("第 1 行，开考时间").fill(inDays(40, "09:00"));
  await boss.getByLabel("第 1 行，结束时间").fill(inDays(40, "11:00"));
  await boss.getByLabel("免费").check();
  await fill(boss, "准考证号前缀", "261");
  await boss.getByLabel("报考须知", { exact: true }).fill("## 报名条件\n\n限本校在籍学生。");
  await Promise.all([boss.waitForURL(/\/console\/exams\/(?!new)[^/]+$/), boss.getByRole("button", { name: "保存" }).last().click()]);
  await boss.getByRole("link", { name: "报名范围" }).click();
  await boss.getByLabel(/学籍库/).selectOption({ label: "2026 年春季学籍" });
  await boss.getByLabel("专升本").check();
  await look(boss, "school-10-eligibility");
  await press(boss, "保存");
  await says(boss, "报名范围已保存");
  await then(boss, "发布考试", "school-11-published");
  await see(boss, "/console/rosters", "school-12-rosters");

  const person = await phone(browser, { url: server.url });
  await person.goto("/");
  await person.getByRole("link", { name: /学士学位外语考试/ }).tap();
  await says(person, "学校提供的名单中的考生");
  await look(person, "school-13-exam-on-a-phone");
});

test("nothing stuck out, was cut, overlapped or pale, and no script failed", () => {
  assert.deepEqual(faults, []);
});
