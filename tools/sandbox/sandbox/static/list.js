// The list of conversations.

import { fromParent, onPhone, ticks, unread } from "./bubbles.js";
import { escapeHtml, hue, initials, listTime, phoneNumber, summary } from "./format.js";

const folded = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

function preview(parent, last, typing) {
  if (typing) return '<span class="preview typing"><span>digitando…</span></span>';
  if (!last) return `<span class="preview"><span>${phoneNumber(parent.phone)}</span></span>`;
  const mark = fromParent(last) && !last.deleted ? ticks(last.status) : "";
  return `<span class="preview">${mark}<span>${escapeHtml(summary(last))}</span></span>`;
}

function item(parent, view) {
  const chat = view.chats.get(parent.phone) ?? [];
  const last = chat.filter(onPhone).at(-1);
  const waiting = chat.filter(unread).length;
  const element = document.createElement("li");
  const name = parent.name || phoneNumber(parent.phone);
  element.innerHTML = `<button class="chat-item${waiting ? " unread" : ""}" data-testid="chat-item-${parent.phone}" data-phone="${parent.phone}"
      aria-current="${parent.phone === view.open}">
    <span class="avatar" style="--hue:${hue(parent.phone)}" aria-hidden="true">${escapeHtml(initials(parent.name))}</span>
    <span class="lines">
      <span class="line"><span class="name">${escapeHtml(name)}</span><span class="when">${last ? listTime(last.at, view.now()) : ""}</span></span>
      <span class="line">${preview(parent, last, view.typing.has(parent.phone))}${waiting ? `<span class="badge">${waiting}</span>` : ""}</span>
    </span></button>`;
  return element;
}

export function drawList(box, view) {
  const wanted = folded(view.search);
  const newest = (parent) => (view.chats.get(parent.phone) ?? []).filter(onPhone).at(-1)?.at ?? "";
  const chosen = [...view.parents.values()]
    .filter((one) => !wanted || folded(one.name).includes(wanted) || one.phone.includes(wanted.replace(/\D/g, "") || "-"))
    .filter((one) => view.filter === "all" || one.phone === view.open || (view.chats.get(one.phone) ?? []).some(unread))
    .sort((a, b) => newest(b).localeCompare(newest(a)));
  if (chosen.length) box.replaceChildren(...chosen.map((one) => item(one, view)));
  else box.innerHTML = `<li class="nothing">${view.filter === "unread" && !wanted ? "Nenhuma conversa não lida" : "Nenhuma conversa encontrada"}</li>`;
}
