// WhatsApp's way of writing: its markup, its times, its phone numbers.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const ZONE = "America/Sao_Paulo";
const EDGE_BEFORE = "(^|[\\s(\\[{\"“'.,;:!?*_~-])";
const EDGE_AFTER = "(?=$|[\\s)\\]}\"”'.,;:!?*_~-])";
const clock = new Intl.DateTimeFormat("pt-BR", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const calendar = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: ZONE });
const shortDate = new Intl.DateTimeFormat("pt-BR", { day: "2-digit", month: "2-digit", year: "numeric", timeZone: ZONE });
const longDate = new Intl.DateTimeFormat("pt-BR", { day: "numeric", month: "long", year: "numeric", timeZone: ZONE });
const weekday = new Intl.DateTimeFormat("pt-BR", { weekday: "long", timeZone: ZONE });

export const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]);

function marked(html, sign, tag) {
  const inner = `([^\\s${sign}\\n](?:[^${sign}\\n]*[^\\s${sign}\\n])?)`;
  return html.replace(new RegExp(`${EDGE_BEFORE}[${sign}]${inner}[${sign}]${EDGE_AFTER}`, "gu"), `$1<${tag}>$2</${tag}>`);
}

function inline(html) {
  // Addresses first, so that an underscore inside one stays an underscore.
  const kept = [];
  const keep = (piece) => `\u0000${kept.push(piece) - 1}\u0000`;
  let line = html
    .replace(/```([^`]+)```|`([^`\n]+)`/g, (_, block, word) => keep(`<code>${block ?? word}</code>`))
    .replace(/https?:\/\/[^\s<]+[^\s<.,;:!?)'"]/g, (url) => keep(`<a href="${url}" target="_blank" rel="noreferrer">${url}</a>`));
  for (const [sign, tag] of [["*", "strong"], ["_", "em"], ["~", "s"]]) line = marked(line, sign, tag);
  return line.replace(/\u0000(\d+)\u0000/g, (_, place) => kept[place]);
}

export function toHtml(text) {
  return inline(escapeHtml(text))
    .split("\n")
    .map((line) => (line.startsWith("&gt; ") ? `<blockquote>${line.slice(5)}</blockquote>` : line))
    .join("\n")
    .replace(/<\/blockquote>\n/g, "</blockquote>");
}

// The words without their markup, on one line.
export function plain(text) {
  const box = document.createElement("template");
  box.innerHTML = toHtml(text).replace(/<\/blockquote>/g, " ");
  return box.content.textContent.replace(/\s+/g, " ").trim();
}

export function isBigEmoji(text) {
  const bare = text.replace(/\s/g, "");
  return /^(?:\p{Extended_Pictographic}[\u{FE0F}\u{200D}\u{1F3FB}-\u{1F3FF}]*){1,3}$/u.test(bare);
}

export const time = (iso) => clock.format(new Date(iso));
export const dayKey = (iso) => calendar.format(new Date(iso));

function daysBefore(iso, now) {
  return Math.round((Date.parse(dayKey(now)) - Date.parse(dayKey(iso))) / 86_400_000);
}

export function dayName(iso, now) {
  const ago = daysBefore(iso, now);
  if (ago === 0) return "Hoje";
  if (ago === 1) return "Ontem";
  return ago > 1 && ago < 7 ? weekday.format(new Date(iso)) : longDate.format(new Date(iso));
}

export function listTime(iso, now) {
  const ago = daysBefore(iso, now);
  if (ago === 0) return time(iso);
  if (ago === 1) return "Ontem";
  return ago > 1 && ago < 7 ? weekday.format(new Date(iso)) : shortDate.format(new Date(iso));
}

export function phoneNumber(digits) {
  const parts = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  return parts ? `+55 ${parts[1]} ${parts[2]}-${parts[3]}` : `+${digits}`;
}

export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return words.length ? (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase() : "?";
}

export const hue = (digits) => (Number(digits.slice(-4)) * 47) % 360;

export const KINDS = {
  audio: ["🎤", "Mensagem de voz"], image: ["📷", "Foto"], video: ["🎬", "Vídeo"], document: ["📄", "Documento"],
  sticker: ["🌟", "Figurinha"], location: ["📍", "Localização"], contact: ["👤", "Contato"],
};

export function summary(message) {
  if (message.deleted) return "🚫 Mensagem apagada";
  const kind = KINDS[message.kind];
  return kind ? `${kind[0]} ${message.text || kind[1]}` : plain(message.text);
}
