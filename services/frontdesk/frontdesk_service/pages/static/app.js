// What every page does: it can be installed, says aloud when a family waits for the unit, and prints itself.
navigator.serviceWorker?.register("/trabalhador.js", { scope: "/" }).catch(() => {}); // only over https

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// ——— The bell: sound, notification and badge when one more conversation waits. The title says how many do: "(2) …".

const WANTED = "bell";
const KNOWN = "waiting";
const switches = document.querySelectorAll("[data-bell]");
let audio;

const waiting = () => Number(/^\((\d+)\)/.exec(document.title)?.[1] ?? 0);
const wanted = () => localStorage.getItem(WANTED) === "on";

function play() {
  if (audio?.state !== "running") return;
  for (const [at, pitch] of [[0, 784], [0.18, 1047]]) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0 });
    const begins = audio.currentTime + at;
    volume.gain.setValueAtTime(0.25, begins);
    volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.start(begins);
    tone.stop(begins + 0.4);
  }
  document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
}

// Without a name or a text: a locked phone may lie in front of anybody.
async function notify() {
  if (globalThis.Notification?.permission !== "granted") return;
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.showNotification("Uma família espera a unidade", {
    body: "Toque para abrir a recepção.",
    icon: "/estatico/icon-192.png",
    badge: "/estatico/icon-192.png",
    tag: "espera",
    renotify: true,
    lang: "pt-BR",
  });
}

function count() {
  const now = waiting();
  const before = Number(sessionStorage.getItem(KNOWN) ?? now);
  sessionStorage.setItem(KNOWN, String(now));
  if (now) navigator.setAppBadge?.(now).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
  if (now <= before || !wanted()) return;
  play();
  navigator.vibrate?.([120, 80, 120]);
  notify();
}

function wake() {
  audio ??= new AudioContext();
  return audio.resume();
}

function show() {
  for (const each of switches) {
    each.hidden = false;
    each.setAttribute("aria-pressed", String(wanted()));
    each.querySelector("[data-said]").textContent = wanted() ? "Som ligado" : "Ligar o som";
  }
}

for (const each of switches) {
  each.addEventListener("click", async () => {
    localStorage.setItem(WANTED, wanted() ? "off" : "on");
    show();
    if (!wanted()) return;
    await wake();
    play();
    await globalThis.Notification?.requestPermission();
  });
}

if (document.querySelector("[data-waiting]")) {
  // A browser lets a page sound only after it was touched.
  addEventListener("pointerdown", () => wanted() && wake(), { once: true });
  new MutationObserver(count).observe(document.querySelector("title"), { childList: true });
  count();
  show();
}
