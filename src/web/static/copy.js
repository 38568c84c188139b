// Buttons that copy (data-copy="text"; data-copy-failed says what to do instead) and links that keep a picture (a[data-save], with href and download).
// On phones that can share files the picture goes to the share sheet, where 存储图像 puts it into the album.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(button.dataset.copy)) ? "已复制" : button.dataset.copyFailed || "请长按链接复制";
    setTimeout(() => (button.textContent = words), 2500);
  });
}

// navigator.clipboard is missing on plain http and in some embedded browsers.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

for (const link of document.querySelectorAll("a[data-save]")) {
  if (!navigator.canShare || !matchMedia("(pointer: coarse)").matches) continue;
  let file = null;
  // Fetched ahead, because sharing must follow the tap at once.
  fetch(link.href)
    .then((response) => response.blob())
    .then((blob) => (file = new File([blob], link.download || "picture.png", { type: blob.type })))
    .catch(() => {});
  link.addEventListener("click", (event) => {
    if (!file || !navigator.canShare({ files: [file] })) return;
    event.preventDefault();
    navigator.share({ files: [file] }).catch((problem) => {
      // Closing the sheet is an answer; anything else falls back to the plain download.
      if (problem.name !== "AbortError") location.assign(link.href);
    });
  });
}
