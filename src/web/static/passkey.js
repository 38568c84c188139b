// Passkeys of staff. At the door: [data-passkey-door] with what /console/login was given; among one's own: [data-passkey-add], a form with
// name and password. Both stay hidden where the browser has no passkeys or the page stands at another address than theirs.

const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const bytes = (text) => new TextEncoder().encode(text);

// ES256, EdDSA, RS256 (Windows): what the server can check.
const ALGORITHMS = [-7, -8, -257];

function fits(place) {
  return Boolean(window.PublicKeyCredential) && location.origin === place.dataset.origin;
}

// A refusal with a sentence is thrown as that sentence.
async function ask(url, fields) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json" } });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw { words: answer.error || "现在有点忙，请稍后再试一次。" };
  return answer;
}

function explain(problem, place) {
  if (problem.words) return problem.words;
  // Cancelled, or the device has none for this site: browsers do not tell which.
  if (problem.name === "NotAllowedError" || problem.name === "AbortError") return `没有完成验证。请再试一次${place === door ? "，或改用密码登录" : ""}。`;
  if (problem.name === "InvalidStateError") return "这个设备上已有您的通行密钥，不用再添加。";
  return "浏览器没有完成这一步，请再试一次或换一个浏览器。";
}

async function attempt(place, work) {
  const line = place.querySelector("[data-passkey-words]");
  const wrong = place.querySelector("[data-passkey-problem]");
  const button = place.querySelector("[data-passkey-go]");
  const words = line.textContent;
  wrong.hidden = true;
  line.textContent = "请按浏览器的提示操作…";
  button.disabled = true;
  try {
    location.assign((await work()).next);
  } catch (problem) {
    line.textContent = words;
    wrong.textContent = explain(problem, place);
    wrong.hidden = false;
    button.disabled = false;
  }
}

const door = document.querySelector("[data-passkey-door]");
if (door && fits(door)) {
  door.hidden = false;
  door.querySelector("[data-passkey-go]").addEventListener("click", () =>
    attempt(door, async () => {
      const publicKey = { challenge: bytes(door.dataset.challenge), rpId: door.dataset.site, userVerification: "required", timeout: 120000 };
      const { rawId, response } = await navigator.credentials.get({ publicKey });
      const { next } = await ask("/console/login/passkey", {
        credential: encode(rawId),
        client_data: encode(response.clientDataJSON),
        data: encode(response.authenticatorData),
        signature: encode(response.signature),
      });
      return { next: document.querySelector("form [name=next]")?.value || next };
    }),
  );
}

const form = document.querySelector("[data-passkey-add]");
if (form && fits(form)) {
  form.hidden = false;
  document.querySelector("[data-passkey-no]")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      const offer = await ask("/console/me/passkeys/begin", { password: form.elements.passkey_password.value, name: form.elements.passkey_name.value });
      const made = await navigator.credentials.create({
        publicKey: {
          challenge: bytes(offer.challenge),
          rp: { id: offer.site, name: document.title },
          user: { id: decode(offer.user), name: offer.login, displayName: offer.name },
          pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
          excludeCredentials: offer.known.map((id) => ({ type: "public-key", id: decode(id) })),
          authenticatorSelection: { residentKey: "required", userVerification: "required" },
          attestation: "none",
          timeout: 120000,
        },
      });
      return ask("/console/me/passkeys", {
        name: form.elements.passkey_name.value,
        client_data: encode(made.response.clientDataJSON),
        data: encode(made.response.getAuthenticatorData()),
        public_key: encode(made.response.getPublicKey()),
      });
    });
  });
}
