// Words that are too pale on what lies beneath them, in the light and in the dark scheme (WCAG 2.2, 1.4.3: 4.5:1).

const ENOUGH = 4.5;

/** What cannot be read well on this page; empty when all is well. */
export async function pale(page) {
  const found = [];
  try {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const words of await settled(page)) found.push(`${colorScheme}: ${words}`);
    }
  } finally {
    await page.emulateMedia({ colorScheme: null });
    await page.waitForTimeout(30);
  }
  return found;
}

// The console hears of the scheme as an event, which a busy machine delivers late: what stays pale is pale.
async function settled(page) {
  let words;
  for (let tries = 0; tries < 20; tries++) {
    await page.waitForTimeout(tries === 0 ? 30 : 100);
    words = await page.evaluate(measure, ENOUGH);
    if (words.length === 0) break;
  }
  return words;
}

// Runs inside the page.
function measure(enough) {
  // Colours are compared as they stand in the end, and are back at once.
  const still = new CSSStyleSheet();
  still.replaceSync("* { transition: none !important }");
  document.adoptedStyleSheets = [still];
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  // Any notation of CSS as [red, green, blue, alpha] of 0 to 1.
  const parse = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // What is beneath an element; nothing where a picture lies there.
  const beneath = (element) => {
    const layers = [];
    for (let up = element; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (/url\(/.test(style.backgroundImage) || up.querySelector(":scope > video, :scope > img")) return null;
      const colour = parse(style.backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [1, 1, 1]);
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (!words || element.closest("script, style, noscript, svg, .hidden, :disabled")) continue;
    if (!element.checkVisibility?.({ visibilityProperty: true, opacityProperty: true })) continue;
    const below = beneath(element);
    if (!below) continue;
    const [a, b] = [light(over(parse(getComputedStyle(element).color), below)), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < enough) found.add(`pale (${ratio.toFixed(1)}:1): ${words.slice(0, 30)}`);
  }
  return [...found].slice(0, 10);
}
