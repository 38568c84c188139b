// The button that sends an SMS code does a little work first, so that nobody can bomb phones with it: finds a nonce
// such that SHA-256(challenge + ":" + nonce) begins with `bits` zero bits. Form: data-pow data-challenge data-bits
// data-cooldown (seconds before the next code may be asked for); the nonce goes to [data-pow-nonce].
// The hash is our own, because crypto.subtle is missing on plain http in a local network.

for (const form of document.querySelectorAll("form[data-pow]")) guard(form);

function guard(form) {
  const button = form.querySelector("[data-pow-send]");
  const nonce = form.querySelector("[data-pow-nonce]");
  if (!button || !nonce) return;
  const words = button.textContent;
  let solved = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter !== button || solved) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    button.textContent = "正在准备…";
    nonce.value = await solve(form.dataset.challenge, Number(form.dataset.bits));
    solved = true;
    button.removeAttribute("aria-disabled");
    form.requestSubmit(button);
  });
  if (Number(form.dataset.cooldown) > 0) coolDown(button, words, Number(form.dataset.cooldown));
}

function coolDown(button, words, seconds) {
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${left} 秒后重发` : words;
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}

// In slices of 30 ms, so that the page stays alive.
async function solve(challenge, bits) {
  const text = new TextEncoder();
  for (let n = 0; ; ) {
    const until = performance.now() + 30;
    do {
      if (leadingZeros(sha256(text.encode(`${challenge}:${n}`))) >= bits) return String(n);
      n += 1;
    } while (performance.now() < until);
    await new Promise((next) => setTimeout(next));
  }
}

function leadingZeros(words) {
  let zeros = 0;
  for (const word of words) {
    if (word !== 0) return zeros + Math.clz32(word);
    zeros += 32;
  }
  return zeros;
}

// FIPS 180-4. The constants are the first 32 bits of the fractional parts of roots of primes, computed here.
const [ROOTS, START] = (() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  return [primes.map((p) => fraction(Math.cbrt(p))), primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)))];
})();
const schedule = new Int32Array(64);

export function sha256(bytes) {
  const length = ((bytes.length + 8) >> 6) * 64 + 64;
  const block = new Uint8Array(length);
  block.set(bytes);
  block[bytes.length] = 0x80;
  const view = new DataView(block.buffer);
  view.setUint32(length - 4, bytes.length * 8);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const h = START.slice();
  for (let at = 0; at < length; at += 64) {
    const w = schedule;
    for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i += 1) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i += 1) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (k + s1 + ((e & f) ^ (~e & g)) + ROOTS[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [k, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, k].forEach((x, i) => (h[i] = (h[i] + x) | 0));
  }
  return h;
}
