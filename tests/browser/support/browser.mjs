// Chromium as a candidate's phone and as the school's desk.

import { chromium } from "playwright-core";

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) throw new Error(`the browser tests need Node.js 20 or newer; this is ${process.version}`);

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

const ANDROID = "Mozilla/5.0 (Linux; Android 15; 24129PN74C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
/** WeChat's own browser on the same phone. */
export const WECHAT = `${ANDROID} MicroMessenger/8.0.56`;

/** Starts Chromium; `cameraFile` is what its camera sees. */
export function launch({ cameraFile } = {}) {
  const args = ["--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  // Chromium's sandbox refuses to run as root.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  if (cameraFile) {
    args.push("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${cameraFile}`);
  }
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args });
}

/** A phone of 360×740 with a finger. */
export function phone(browser, { url, javaScript = true, userAgent = ANDROID } = {}) {
  return context(browser, {
    baseURL: url,
    viewport: PHONE,
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    javaScriptEnabled: javaScript,
    userAgent,
  });
}

/** A screen of 1280×800 with a mouse. */
export function desk(browser, { url } = {}) {
  return context(browser, { baseURL: url, viewport: DESK });
}

async function context(browser, options) {
  const made = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", acceptDownloads: true, ...options });
  made.setDefaultTimeout(40_000);
  const page = await made.newPage();
  page.runsScripts = options.javaScriptEnabled !== false;
  // What goes wrong inside the page fails the test that looks at it: see `quiet`.
  page.problems = [];
  page.on("pageerror", (problem) => page.problems.push(`script: ${problem.message}`));
  page.on("console", (line) => {
    const expected = /Failed to load resource.*status of 4\d\d/.test(line.text());
    if (line.type() === "error" && !expected) page.problems.push(`console: ${line.text()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") page.problems.push(`request: ${request.url()} ${why}`);
  });
  return page;
}

/** Presses the button or link with these words. */
export async function press(page, words) {
  const exact = new RegExp(`^\\s*${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
  const named = page.getByRole("button", { name: exact }).or(page.getByRole("link", { name: exact }));
  const visible = named.filter({ visible: true }).first();
  if (page.viewportSize()?.width === PHONE.width) await visible.tap();
  else await visible.click();
}

/** Fills the field with this label. */
export async function fill(page, label, value) {
  await page.getByLabel(label, { exact: false }).filter({ visible: true }).first().fill(value);
}

/** Waits until the page says these words. */
export async function says(page, wanted, timeout = 20_000) {
  const found = page.getByText(wanted).filter({ visible: true }).first();
  await found.waitFor({ timeout }).catch(async (problem) => {
    throw new Error(`${page.url()} never said ${wanted}: ${(await words(page)).slice(0, 900)}`, { cause: problem });
  });
}

/** What the page shows, for messages. */
export function words(page) {
  return page.locator("body").innerText();
}

/** What does not fit a page: a horizontal scroll bar, cut words, overlapping buttons, tables that hide a column. Empty when all is well. */
export function misfits(page) {
  return page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) found.push(`the page is ${root.scrollWidth} px wide on a screen of ${root.clientWidth}`);
    const name = (e) => `<${e.tagName.toLowerCase()}${e.className && typeof e.className === "string" ? ` class="${e.className}"` : ""}> ${(e.innerText ?? "").trim().slice(0, 30)}`;
    const scrolls = (e) => {
      for (let up = e; up && up !== root; up = up.parentElement) if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
      return false;
    };
    // A bar that stays in place lies over what scrolls beneath it.
    const floats = (e) => {
      for (let up = e; up && up !== root; up = up.parentElement) if (/fixed|sticky|absolute/.test(getComputedStyle(up).position)) return true;
      return false;
    };
    // What is there for screen readers only (class hidden) is cut on purpose.
    const seen = [...document.querySelectorAll("main *, header *, footer *, nav *")].filter((e) => e.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".hidden"));
    for (const e of seen) {
      const box = e.getBoundingClientRect();
      if (box.width > 1 && box.right > root.clientWidth + 1 && !scrolls(e)) found.push(`beyond the right edge: ${name(e)}`);
      const style = getComputedStyle(e);
      if (/auto|scroll/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.push(`to be scrolled sideways: ${name(e)}`);
      const isLine = e.childElementCount === 0 && e.innerText && style.display !== "inline";
      if (isLine && style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && box.width > 1 && e.scrollWidth > e.clientWidth + 2) found.push(`cut: ${name(e)}`);
    }
    const targets = seen.filter((e) => e.matches("button, a.weui-btn, a.btn, input, select, textarea") && e.getBoundingClientRect().height > 1);
    for (let i = 0; i < targets.length; i += 1) {
      for (let j = i + 1; j < targets.length; j += 1) {
        const [a, b] = [targets[i], targets[j]];
        if (a.contains(b) || b.contains(a)) continue;
        const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
        const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        const fixed = [a, b].some(floats);
        if (across > 4 && down > 4 && !fixed) found.push(`overlap: ${name(a)} and ${name(b)}`);
      }
    }
    return [...new Set(found)].slice(0, 20);
  });
}
