// Keeps an open page as the server would render it now, and sends its forms without leaving it.
const LOGIN = "/entrar";
const RECONNECT_MS = 3000;
const NEAR_PX = 80;
const HTML = { Accept: "text/html" };

const scroll = document.querySelector("[data-scroll]");
const composer = document.querySelector("[data-composer]");
const toEnd = document.querySelector("[data-to-end]");
const search = document.querySelector("[data-search]");
const offline = document.querySelector("[data-offline]");
const toast = document.querySelector("[data-toast]");

// ——— What the page shows

async function parse(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(fresh) {
  const stick = atEnd();
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next) return location.reload(); // another kind of page than this one
    if (next.innerHTML === part.innerHTML) continue;
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
    part.replaceChildren(...next.childNodes);
    for (const id of open) part.querySelector(`#${id}`)?.setAttribute("open", "");
  }
  for (const token of document.querySelectorAll("[name=form_token]")) {
    token.value = fresh.querySelector("[name=form_token]")?.value ?? token.value;
  }
  document.title = fresh.title;
  filter();
  if (stick) goToEnd();
  else offerEnd();
}

let looking = false;
let again = false;

async function look() {
  again = true;
  if (looking) return;
  looking = true;
  try {
    while (again) {
      again = false;
      const response = await fetch(location.href, { headers: HTML });
      if (new URL(response.url).pathname === LOGIN) return location.assign(response.url);
      if (response.ok) show(await parse(response));
    }
  } catch {
    offline.hidden = false; // the stream comes back and asks again
  } finally {
    looking = false;
  }
}

function listen() {
  const events = new EventSource(document.body.dataset.events);
  events.addEventListener("open", () => (offline.hidden = true));
  events.addEventListener("changed", look);
  events.addEventListener("error", () => {
    offline.hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(() => (look(), listen()), RECONNECT_MS);
  });
}

// ——— The end of a conversation

function atEnd() {
  return !scroll || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
}

function goToEnd() {
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
  offerEnd();
}

// What opens above or grows below takes room away from a reader who is at the end, and leaves them there.
let reading = true;
if (scroll) {
  scroll.addEventListener("scroll", () => ((reading = atEnd()), offerEnd()), { passive: true });
  new ResizeObserver(() => reading && goToEnd()).observe(scroll);
}

function offerEnd() {
  if (toEnd) toEnd.hidden = atEnd();
}

// ——— Forms

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  button.disabled = true;
  try {
    const response = await fetch(form.action, { method: "POST", headers: HTML, body: fields });
    if (new URL(response.url).pathname === LOGIN) return location.assign(response.url);
    const fresh = await parse(response);
    if (!response.ok) return say(fresh.getElementById("said")?.textContent ?? "Algo deu errado. Tente de novo.");
    if (form === composer) {
      composer.elements.text.value = "";
      composer.elements.nonce.value = fresh.querySelector("[name=nonce]").value;
      fit();
      goToEnd();
    }
    show(fresh);
  } catch {
    say("Sem conexão. Nada foi perdido: tente de novo.");
  } finally {
    button.disabled = false;
  }
}

let hiding;

function say(text) {
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (toast.hidden = true), 6000);
}

function fit() {
  const field = composer.elements.text;
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

document.addEventListener("submit", (event) => {
  if (!("quiet" in event.target.dataset)) return;
  event.preventDefault();
  send(event.target, event.submitter ?? event.target.querySelector("button:not([type=button])"));
});

document.addEventListener("click", (event) => {
  const use = event.target.closest("[data-use]");
  if (!use) return;
  composer.elements.text.value = document.getElementById(use.dataset.use).textContent;
  document.getElementById("pack").open = false;
  fit();
  composer.elements.text.focus();
});

if (composer) {
  const fine = matchMedia("(pointer: fine)");
  composer.elements.text.addEventListener("input", fit);
  composer.elements.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !fine.matches) return;
    event.preventDefault();
    composer.requestSubmit();
  });
}

// ——— Searching the list

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function filter() {
  if (!search) return;
  const wanted = plain(search.querySelector("input").value.trim());
  for (const entry of document.querySelectorAll("#entries li")) {
    entry.hidden = wanted !== "" && !plain(entry.textContent).includes(wanted);
  }
}

search?.addEventListener("input", filter);
toEnd?.addEventListener("click", goToEnd);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
goToEnd();
listen();
