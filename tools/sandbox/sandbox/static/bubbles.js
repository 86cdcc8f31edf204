// One chat as bubbles. "in" and "out" are seen from the parent here; the control API sees them from the unit.

import { KINDS, dayKey, dayName, escapeHtml, isBigEmoji, phoneNumber, summary, time, toHtml } from "./format.js";

const RANK = { PENDING: 0, SERVER_ACK: 1, DELIVERY_ACK: 2, READ: 3, PLAYED: 4 };
const TICK_WORDS = { SERVER_ACK: "Enviada", DELIVERY_ACK: "Entregue", READ: "Lida" };

export const fromParent = (message) => message.direction === "in";

// What the unit sends is on the parent's phone once it is delivered.
export const onPhone = (message) =>
  message.kind !== "reaction" && (fromParent(message) || (RANK[message.status] ?? 0) >= RANK.DELIVERY_ACK);

export const unread = (message) => !fromParent(message) && message.status === "DELIVERY_ACK" && message.kind !== "reaction";

export function ticks(status) {
  const rank = RANK[status] ?? 0;
  const name = rank === 0 ? "clock" : rank === 1 ? "tick" : "ticks";
  return `<svg class="ticks${rank > 2 ? " read" : ""}" aria-label="${TICK_WORDS[status] ?? "Enviando"}"><use href="#i-${name}"/></svg>`;
}

function wave(seed) {
  const bars = Array.from({ length: 28 }, (_, place) => 5 + ((seed.charCodeAt(place % seed.length) * (place + 7)) % 17));
  return `<span class="wave">${bars.map((height) => `<i style="height:${height}px"></i>`).join("")}</span>`;
}

function body(message) {
  const text = message.text ? `<div class="text">${toHtml(message.text)}</div>` : "";
  if (message.deleted) return '<div class="text">🚫 Mensagem apagada</div>';
  if (message.kind === "text") return text;
  const [sign, label] = KINDS[message.kind] ?? ["❔", message.kind];
  if (message.kind === "sticker") return message.text || "🌟";
  if (message.kind === "audio") return `<div class="media audio"><svg class="icon"><use href="#i-play"/></svg>${wave(message.id)}<small>0:07</small></div>`;
  if (message.kind === "image" || message.kind === "video") return `<div class="photo">${message.kind === "image" ? "🏞️" : "▶️"}</div>${text}`;
  const shown = message.text || label;
  return `<div class="media"><span class="sign">${sign}</span><span>${escapeHtml(shown)}<small>${label}</small></span></div>`;
}

function quote(message, find, unit) {
  const quoted = message.quote && find(message.quote);
  if (!quoted) return "";
  const mine = fromParent(quoted);
  return `<div class="quote${mine ? " mine" : ""}" data-goto="${escapeHtml(quoted.id)}"><b>${mine ? "Você" : escapeHtml(unit)}</b><span>${quoted.kind === "text" && !quoted.deleted ? toHtml(quoted.text) : escapeHtml(summary(quoted))}</span></div>`;
}

export function bubble(message, before, find, unit) {
  const direction = fromParent(message) ? "out" : "in";
  const element = document.createElement("div");
  const gap = before ? Math.abs(Date.parse(message.at) - Date.parse(before.at)) : Infinity;
  const first = !before || before.direction !== message.direction || gap > 600_000;
  const big = message.kind === "text" && !message.deleted && !message.quote && isBigEmoji(message.text);
  element.className = ["bubble", first && "first", big && "big", message.deleted && "gone", message.reaction && "reacted",
    message.kind === "sticker" && "sticker"].filter(Boolean).join(" ");
  element.dataset.testid = "bubble";
  element.dataset.direction = direction;
  element.dataset.status = message.status;
  element.dataset.id = message.id;
  element.dataset.author = message.author;
  const edited = message.edited && !message.deleted ? "<span>Editada</span>" : "";
  element.style.setProperty("--meta", `${(direction === "out" ? 58 : 40) + (edited ? 44 : 0)}px`);
  element.innerHTML = `<svg class="tail solid"><use href="#i-tail-${direction}"/></svg>${quote(message, find, unit)}${body(message)}
    <span class="meta">${edited}<time>${time(message.at)}</time>${direction === "out" && !message.deleted ? ticks(message.status) : ""}</span>
    ${message.reaction ? `<span class="reaction">${escapeHtml(message.reaction)}</span>` : ""}
    <button class="more" title="Opções" tabindex="-1"><svg class="icon"><use href="#i-down"/></svg></button>`;
  return element;
}

// A day of its own box, so that its date stays in sight while it is scrolled through.
function dayBox(iso, now) {
  const box = document.createElement("section");
  box.className = "day";
  box.innerHTML = `<div class="date">${dayName(iso, now)}</div>`;
  return box;
}

export function note(parent) {
  const element = document.createElement("div");
  element.className = "note";
  element.innerHTML = `<svg class="icon"><use href="#i-lock"/></svg>Você está escrevendo como <b>${escapeHtml(parent.name || "contato novo")}</b>, <span class="whole">${phoneNumber(parent.phone)}</span>. Conversa de teste: nada sai desta máquina.`;
  return element;
}

export function typingBubble() {
  const element = document.createElement("div");
  element.className = "bubble first";
  element.dataset.direction = "in";
  element.innerHTML = '<svg class="tail solid"><use href="#i-tail-in"/></svg><span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>';
  return element;
}

export function draw(box, chat, context) {
  const shown = chat.filter(onPhone);
  const find = (id) => chat.find((one) => one.id === id);
  const pieces = [note(context.parent)];
  let day = "";
  let today = null;
  let before = null;
  for (const message of shown) {
    if (dayKey(message.at) !== day) {
      day = dayKey(message.at);
      before = null;
      today = dayBox(message.at, context.now);
      pieces.push(today);
    }
    const element = bubble(message, before, find, context.unit);
    if (context.fresh?.has(message.id)) element.classList.add("new");
    today.append(element);
    before = message;
  }
  if (context.typing) (today ?? { append: (dots) => pieces.push(dots) }).append(typingBubble());
  box.replaceChildren(...pieces);
}
