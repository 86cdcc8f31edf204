// The page's state, what changes it, and when it is drawn.

import { api } from "./api.js";
import { draw, fromParent, onPhone, ticks } from "./bubbles.js";
import { composer, insert } from "./composer.js";
import { phoneNumber, summary } from "./format.js";
import { drawList } from "./list.js";
import { ask, askParent, closeMenus, drawConnection, drawFaults, drawUnitPhone, toast, wireFaults, wireMenus } from "./panels.js";

const $ = (selector) => document.querySelector(selector);
const app = $("#app");
const scroll = $(".scroll");
const unit = document.body.dataset.unit;
const NEAR_END_PX = 120;
const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
let drift = 0;
let stuck = true;
let height = 0;
let resting;

const view = {
  parents: new Map(), chats: new Map(), typing: new Set(), open: null, quoting: null, connection: "open",
  filter: "all", search: "", missed: 0, now: () => new Date(Date.now() + drift).toISOString(),
};

const chatOf = (phone) => view.chats.get(phone) ?? [];
const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;

function toEnd(smooth = false) {
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  view.missed = 0;
  stuck = true;
  drawToEnd();
}

// The date of the day floats above its messages only while they move, as on the phone.
function floatDates() {
  for (const day of document.querySelectorAll(".day")) {
    const date = day.firstElementChild;
    const own = parseFloat(getComputedStyle(date).marginTop);
    date.classList.toggle("stuck", date.offsetTop - day.offsetTop > own + 1);
  }
  scroll.classList.add("moving");
  clearTimeout(resting);
  resting = setTimeout(() => scroll.classList.remove("moving"), 900);
}

function drawToEnd() {
  const button = $("[data-to-end]");
  button.hidden = atEnd();
  const count = button.querySelector(".count");
  count.hidden = !view.missed;
  count.textContent = view.missed;
}

const refreshList = () => drawList($(".chat-list"), view);

function refreshChat(fresh) {
  const parent = view.parents.get(view.open);
  drawUnitPhone(parent, chatOf(view.open));
  if (!parent) return;
  const stay = stuck || atEnd();
  draw($(".bubbles"), chatOf(view.open), { parent, unit, fresh, now: view.now(), typing: view.typing.has(view.open) });
  if (stay) toEnd();
  floatDates();
  drawToEnd();
  drawPresence();
}

function drawPresence() {
  const line = $(".presence");
  const typing = view.typing.has(view.open);
  line.classList.toggle("on", typing);
  line.innerHTML = typing ? '<span data-testid="typing">digitando…</span>' : view.connection === "open" ? "online" : "";
}

function markRead() {
  if (!view.open || document.visibilityState !== "visible" || !app.classList.contains("in-chat")) return;
  if (chatOf(view.open).some((one) => !fromParent(one) && onPhone(one) && one.status === "DELIVERY_ACK")) api.read(view.open);
}

function openChat(phone, push = true) {
  view.open = phone;
  view.missed = 0;
  app.classList.add("in-chat");
  if (push) history[history.state?.phone ? "replaceState" : "pushState"]({ phone }, "", `#${phone}`);
  unquote();
  refreshList();
  refreshChat();
  toEnd();
  markRead();
  if (matchMedia("(min-width: 761px)").matches) parentBox.box.focus();
}

function leaveChat() {
  app.classList.remove("in-chat");
  parentBox.stop();
  view.open = null;
  refreshList();
  drawUnitPhone(null, []);
}

function unquote() {
  view.quoting = null;
  $(".quoting").hidden = true;
}

function quoteMessage(message) {
  view.quoting = message.id;
  const box = $(".quoting");
  box.hidden = false;
  box.querySelector(".quote").classList.toggle("mine", fromParent(message));
  box.querySelector("b").textContent = fromParent(message) ? "Você" : unit;
  box.querySelector(".quote span").textContent = summary(message);
  parentBox.box.focus();
}

async function attempt(work, complaint) {
  try {
    return await work();
  } catch (error) {
    toast(complaint);
    throw error;
  }
}

const parentBox = composer(
  $("#parent-form"),
  (text) => {
    const quote = view.quoting;
    unquote();
    toEnd();
    return attempt(() => api.write({ phone: view.open, text, quote }), "A mensagem não saiu. Tente de novo.");
  },
  { typing: (state) => view.open && api.typing(view.open, state), speak: () => attach("audio") },
);

composer($("#unit-form"), (text) => {
  if (!view.open) {
    toast("Escolha primeiro uma conversa.");
    throw new Error("no chat");
  }
  return attempt(() => api.write({ phone: view.open, text, from_unit: true }), "A mensagem não saiu. Tente de novo.");
});

async function attach(kind) {
  const message = { phone: view.open, kind, text: "" };
  if (kind === "audio") {
    const heard = await ask("Mensagem de voz", "Deixe vazio para um áudio que não se entende.", "O que a pessoa diz");
    if (heard === null) return;
    message.transcription = heard || null;
  } else if (["image", "video", "document"].includes(kind)) {
    const caption = await ask("Enviar arquivo", "Um arquivo de exemplo, com esta legenda.", "Legenda");
    if (caption === null) return;
    message.text = caption;
  }
  await attempt(() => api.write(message), "Não foi possível enviar.");
  toEnd();
  if (kind === "call") toast("Chamando… ninguém atendeu.");
}

function bubbleMenu(element, x, y) {
  const message = chatOf(view.open).find((one) => one.id === element.dataset.id);
  if (!message || message.deleted) return;
  const own = fromParent(message);
  const menu = $("#bubble-menu");
  menu.innerHTML = `<div class="hearts">${REACTIONS.map((one) => `<button data-react="${one}">${one}</button>`).join("")}</div>
    <button data-do="quote">Responder</button><button data-do="copy">Copiar</button>
    ${own && message.kind === "text" ? '<button data-do="edit">Editar</button>' : ""}${own ? '<button data-do="remove">Apagar para todos</button>' : ""}`;
  menu.hidden = false;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  menu.onclick = async (event) => {
    const emoji = event.target.dataset.react;
    if (emoji) return api.write({ phone: view.open, kind: "reaction", quote: message.id, text: emoji === message.reaction ? "" : emoji });
    if (event.target.dataset.do === "quote") quoteMessage(message);
    if (event.target.dataset.do === "copy") navigator.clipboard?.writeText(message.text);
    if (event.target.dataset.do === "remove") api.remove(message.id);
    if (event.target.dataset.do === "edit") {
      const text = await ask("Editar mensagem", "", "Mensagem", message.text);
      if (text) api.edit(message.id, text);
    }
  };
}

async function newChat() {
  const who = await askParent();
  if (!who) return;
  try {
    const parent = await api.addParent(who.phone, who.name);
    view.parents.set(parent.phone, parent);
    openChat(parent.phone);
  } catch {
    toast("Confira o número: DDD e celular, por exemplo 51 99999-9999.");
  }
}

function wireClicks() {
  wireMenus();
  $(".chat-list").addEventListener("click", (event) => {
    const item = event.target.closest("[data-phone]");
    if (item) openChat(item.dataset.phone);
  });
  for (const button of document.querySelectorAll("[data-new-chat]")) button.addEventListener("click", newChat);
  for (const button of document.querySelectorAll("[data-attach]")) button.addEventListener("click", () => view.open && attach(button.dataset.attach));
  for (const button of document.querySelectorAll("[data-emoji]")) button.addEventListener("click", () => insert(parentBox.box, button.dataset.emoji));
  for (const chip of document.querySelectorAll("[data-filter]")) {
    chip.addEventListener("click", () => {
      view.filter = chip.dataset.filter;
      for (const other of document.querySelectorAll("[data-filter]")) other.classList.toggle("on", other === chip);
      refreshList();
    });
  }
  $("#search").addEventListener("input", (event) => { view.search = event.target.value; refreshList(); });
  $("[data-back]").addEventListener("click", () => history.back());
  $("[data-unquote]").addEventListener("click", unquote);
  $("[data-to-end]").addEventListener("click", () => toEnd(true));
  scroll.addEventListener("scroll", () => {
    // A resize scrolls too, but is no wish to leave the end.
    if (scroll.clientHeight === height) stuck = atEnd();
    height = scroll.clientHeight;
    if (atEnd()) view.missed = 0;
    floatDates();
    drawToEnd();
  }, { passive: true });
  $(".bubbles").addEventListener("click", (event) => {
    const target = event.target.closest("[data-goto]");
    if (target) return flash(target.dataset.goto);
    const more = event.target.closest(".more");
    if (more) { event.stopPropagation(); closeMenus(); bubbleMenu(more.closest(".bubble"), event.clientX - 150, event.clientY + 8); }
  });
  $(".bubbles").addEventListener("contextmenu", (event) => {
    const element = event.target.closest(".bubble[data-id]");
    if (element) { event.preventDefault(); closeMenus(); bubbleMenu(element, event.clientX, event.clientY); }
  });
  $(".bubbles").addEventListener("dblclick", (event) => {
    const message = chatOf(view.open).find((one) => one.id === event.target.closest(".bubble")?.dataset.id);
    if (message && !message.deleted) quoteMessage(message);
  });
  addEventListener("popstate", (event) => (event.state?.phone ? openChat(event.state.phone, false) : leaveChat()));
  document.addEventListener("visibilitychange", markRead);
  new ResizeObserver(() => { if (stuck) toEnd(); }).observe(scroll);
}

function flash(id) {
  const element = $(`.bubble[data-id="${CSS.escape(id)}"]`);
  element?.scrollIntoView({ block: "center", behavior: "smooth" });
  element?.classList.add("flash");
  setTimeout(() => element?.classList.remove("flash"), 1300);
}

function onMessage({ message }) {
  const chat = chatOf(message.phone);
  const place = chat.findIndex((one) => one.id === message.id);
  if (place >= 0) chat[place] = message;
  else view.chats.set(message.phone, [...chat, message]);
  refreshList();
  if (message.phone !== view.open) return;
  if (place < 0 && !fromParent(message) && !atEnd()) view.missed += 1;
  refreshChat(place < 0 ? new Set([message.id]) : undefined);
}

function onStatus({ phone, id, status }) {
  const message = chatOf(phone).find((one) => one.id === id);
  if (!message) return;
  const wasShown = onPhone(message);
  message.status = status;
  refreshList();
  if (phone !== view.open) return;
  drawUnitPhone(view.parents.get(phone), chatOf(phone));
  const element = $(`.bubble[data-id="${CSS.escape(id)}"]`);
  if (onPhone(message) !== wasShown || !element) {
    if (!atEnd()) view.missed += 1;
    refreshChat(new Set([id]));
  } else {
    element.dataset.status = status;
    const mark = element.querySelector(".meta .ticks");
    if (mark) mark.outerHTML = ticks(status);
  }
  markRead();
}

function onTyping({ phone, typing }) {
  view.typing[typing ? "add" : "delete"](phone);
  refreshList();
  if (phone === view.open) refreshChat();
}

const UPDATES = {
  message: onMessage,
  status: onStatus,
  typing: onTyping,
  parent: ({ parent }) => { view.parents.set(parent.phone, parent); refreshList(); },
  connection: ({ state }) => { view.connection = state; drawConnection(state); drawPresence(); },
  faults: () => drawFaults(),
  webhook: () => { if (!$("#fault-panel").hidden) drawFaults(); },
  hello: () => load(),
  reset: () => load(),
};

async function load() {
  const state = await api.state();
  view.typing.clear();
  view.parents = new Map(state.parents.map((one) => [one.phone, one]));
  const talking = state.parents.filter((one) => one.last);
  const chats = await Promise.all(talking.map((one) => api.messages(one.phone)));
  view.chats = new Map(talking.map((one, place) => [one.phone, chats[place]]));
  UPDATES.connection({ state: state.connection });
  const wanted = view.open ?? location.hash.slice(1);
  refreshList();
  if (wanted && view.parents.has(wanted)) view.open ? refreshChat() : openChat(wanted, false);
  else if (view.open) leaveChat();
  markRead();
  document.body.dataset.live = "true";
}

function listen() {
  const events = new EventSource("/sandbox/events");
  events.onmessage = ({ data }) => {
    const update = JSON.parse(data);
    drift = Date.parse(update.now) - Date.now();
    UPDATES[update.type]?.(update);
  };
}

wireClicks();
wireFaults().then(drawFaults);
listen();
