// Reading a PDF as a person and a scanner would: its words, its pictures, its codes. pdf.js runs inside Chromium, from
// node_modules; nothing comes from elsewhere.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./server.mjs";

const HOME = "http://pdf.test/";
const FILES = {
  "pdf.mjs": "node_modules/pdfjs-dist/build/pdf.min.mjs",
  "pdf.worker.mjs": "node_modules/pdfjs-dist/build/pdf.worker.min.mjs",
  "jsqr.js": "node_modules/jsqr/dist/jsQR.js",
};

/** Opens a PDF: [{ text, images, codes, width, height, picture }] for its pages; `codes` are the texts of QR codes found on the drawn page, `picture` is a PNG of it. */
export async function readPdf(browser, bytes) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.route(`${HOME}**`, async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === "") return route.fulfill({ contentType: "text/html", body: "<!doctype html><script src=/jsqr.js></script>" });
      if (!FILES[name]) return route.fulfill({ status: 404, body: "" });
      return route.fulfill({ contentType: "text/javascript", body: await readFile(join(ROOT, FILES[name])) });
    });
    await page.goto(HOME);
    const pages = await page.evaluate(read, bytes.toString("base64"));
    return pages.map((one) => ({ ...one, picture: Buffer.from(one.picture, "base64") }));
  } finally {
    await context.close();
  }
}

// Runs inside the page.
async function read(base64) {
  const pdfjs = await import("/pdf.mjs");
  pdfjs.GlobalWorkerOptions.workerSrc = "/pdf.worker.mjs";
  const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const document_ = await pdfjs.getDocument({ data }).promise;
  const pages = [];
  for (let number = 1; number <= document_.numPages; number += 1) {
    const page = await document_.getPage(number);
    const content = await page.getTextContent();
    const text = content.items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("");
    const operators = await page.getOperatorList();
    const drawn = new Set([pdfjs.OPS.paintImageXObject, pdfjs.OPS.paintInlineImageXObject, pdfjs.OPS.paintImageXObjectRepeat]);
    const images = operators.fnArray.filter((op) => drawn.has(op)).length;

    const viewport = page.getViewport({ scale: 3 });
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(viewport.width);
    canvas.height = Math.ceil(viewport.height);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    await page.render({ canvas, canvasContext: pen, viewport }).promise;
    const codes = [];
    // A code is found in the whole page or in a part of it: overlapping thirds.
    const parts = [[0, 0, canvas.width, canvas.height]];
    for (let y = 0; y < 4; y += 1) for (let x = 0; x < 2; x += 1) parts.push([(x * canvas.width) / 3, (y * canvas.height) / 5, (canvas.width * 2) / 3, (canvas.height * 2) / 5]);
    for (const [x, y, width, height] of parts.map((part) => part.map(Math.floor))) {
      const pixels = pen.getImageData(x, y, width, height);
      const code = window.jsQR(pixels.data, width, height);
      if (code?.data && !codes.includes(code.data)) codes.push(code.data);
    }
    const picture = canvas.toDataURL("image/png").split(",")[1];
    pages.push({ text, images, codes, width: Math.round(viewport.width / 3), height: Math.round(viewport.height / 3), picture });
  }
  return pages;
}
