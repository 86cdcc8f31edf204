// Menus, dialogs and the two side panels: the unit's own phone, and faults.

import { api } from "./api.js";
import { escapeHtml, summary, toHtml } from "./format.js";
import { fromParent } from "./bubbles.js";

const $ = (selector, from = document) => from.querySelector(selector);
const TARGETS = { sendText: "Envio de mensagem", sendPresence: "Digitando…", findMessages: "Busca de mensagens", webhook: "Avisos (webhooks)", google: "Google Agenda", googleToken: "Senha do Google" };
const KINDS = {
  timeout_after_send: "envia, mas não responde", timeout_before_send: "não envia nem responde", http_500: "erro 500", http_503: "erro 503",
  connection_closed: "Connection Closed (400)", no_key: "201 sem chave", duplicate: "duplica", reorder: "fora de ordem",
  not_on_whatsapp: "número sem WhatsApp", slow: "demora", no_ack: "nunca confirma", lost: "perde o aviso",
  http_429: "erro 429", rate_limited: "limite de uso (403)", forbidden: "sem permissão (403)", unauthorized: "sem acesso (401)",
  gone: "perde o histórico (410)", invalid_grant: "chave recusada",
};
const STATES = { open: "conectado", connecting: "conectando", close: "desconectado" };

export function toast(text) {
  const box = $(".toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(box.timer);
  box.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

export function closeMenus() {
  for (const menu of document.querySelectorAll(".menu:not([hidden])")) menu.hidden = true;
}

export function wireMenus() {
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-menu]");
    const menu = toggle && document.getElementById(toggle.dataset.menu);
    const opened = menu && menu.hidden;
    // The emoji menu stays for the next emoji.
    if (!event.target.closest(".emoji-menu")) closeMenus();
    if (opened) menu.hidden = false;
    const panel = event.target.closest("[data-open]")?.dataset.open;
    if (panel) openPanel(panel);
    if (event.target.closest("[data-close]")) event.target.closest(".panel").hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus();
  });
}

export function openPanel(id) {
  for (const panel of document.querySelectorAll(".panel")) panel.hidden = panel.id !== id || !panel.hidden;
  if (id === "fault-panel") drawFaults();
  const log = $(".phone-log");
  log.scrollTop = log.scrollHeight;
}

// A dialog with one text; null when cancelled.
export function ask(title, hint, label, text = "") {
  const dialog = $("#ask");
  $("h2", dialog).textContent = title;
  $(".hint", dialog).textContent = hint;
  $("label span", dialog).textContent = label;
  $("textarea", dialog).value = text;
  return shown(dialog, () => $("textarea", dialog).value.trim());
}

export function askParent() {
  const dialog = $("#new-chat");
  const form = $("form", dialog);
  const tail = String(Math.floor(Math.random() * 1e8)).padStart(8, "0");
  form.name.value = "";
  form.phone.value = `+55 51 9${tail.slice(0, 4)}-${tail.slice(4)}`;
  return shown(dialog, () => {
    const digits = form.phone.value.replace(/\D/g, "");
    return { name: form.name.value.trim(), phone: digits.length === 10 || digits.length === 11 ? `55${digits}` : digits };
  });
}

function shown(dialog, value) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? value() : null), { once: true });
  });
}

export function drawUnitPhone(parent, chat) {
  $("[data-talking]").textContent = parent ? parent.name || parent.phone : "ninguém: escolha uma conversa";
  const log = $(".phone-log");
  log.innerHTML = chat
    .filter((one) => one.kind !== "reaction" && !(fromParent(one) && one.status === "SERVER_ACK"))
    .map((one) => `<div class="${fromParent(one) ? "" : "mine"}">${one.kind === "text" && !one.deleted ? toHtml(one.text) : escapeHtml(summary(one))}</div>`)
    .join("");
  log.scrollTop = log.scrollHeight;
}

export function drawConnection(state) {
  for (const button of document.querySelectorAll("[data-connection]")) button.classList.toggle("on", button.dataset.connection === state);
  const notice = $("[data-offline]");
  notice.hidden = state === "open";
  notice.textContent = `O WhatsApp da unidade está ${STATES[state]}: as mensagens ficam com um só tique.`;
}

export async function drawFaults() {
  const [faults, hooks] = await Promise.all([api.faults(), api.hooks()]);
  const active = faults.filter((one) => one.struck < one.times);
  $("[data-fault-dot]").hidden = active.length === 0;
  $(".faults").innerHTML = active.length
    ? active.map((one) => `<li><span>${TARGETS[one.target]}: ${KINDS[one.kind]}</span><span>${one.struck}/${one.times}</span></li>`).join("")
    : "<li>Nenhuma: tudo funciona.</li>";
  $(".hooks").innerHTML = hooks.slice(-12).reverse().map((one) => {
    const last = one.attempts.at(-1);
    const result = last ? last.status ?? last.error : "…";
    return `<li><b>${escapeHtml(one.event)}</b><span class="${one.state === "delivered" ? "" : "bad"}">${escapeHtml(String(result))} · ${one.attempts.length}×</span></li>`;
  }).join("") || "<li>Nenhum ainda.</li>";
}

export async function wireFaults() {
  const form = $("#fault-form");
  const kinds = await api.faultKinds();
  const option = (words) => (name) => `<option value="${name}">${words[name] ?? name}</option>`;
  form.target.innerHTML = Object.keys(kinds).map(option(TARGETS)).join("");
  const offer = () => { form.kind.innerHTML = kinds[form.target.value].map(option(KINDS)).join(""); };
  form.target.addEventListener("change", offer);
  offer();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await api.addFault({ target: form.target.value, kind: form.kind.value, times: Number(form.times.value), delay_s: Number(form.delay_s.value) });
    drawFaults();
  });
  $("[data-clear-faults]").addEventListener("click", () => api.clearFaults().then(drawFaults));
  for (const button of document.querySelectorAll("[data-connection]")) {
    button.addEventListener("click", () => api.connection(button.dataset.connection));
  }
}
