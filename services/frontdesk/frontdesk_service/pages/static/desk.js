// Keeps an open page as the server would render it now, and sends its forms without leaving it.
const LOGIN = "/entrar";
const RECONNECT_MS = 3000;
const NEAR_PX = 80;
const REST_MS = 100; // between two looks at what changed; facts are folded six times a second
const MANY = 100;
const EVERYTHING = "*";
const GONE = 404;
const HTML = { Accept: "text/html" };

const scroll = document.querySelector("[data-scroll]");
const composer = document.querySelector("[data-composer]");
const toEnd = document.querySelector("[data-to-end]");
const offline = document.querySelector("[data-offline]");
const toast = document.querySelector("[data-toast]");

// ——— What the page shows

async function parse(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(fresh, whole = true) {
  const stick = atEnd();
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next && !whole) continue;
    if (!next) return location.reload(); // another kind of page than this one
    if ("dirty" in part.dataset) { // somebody is typing there
      if ("told" in part.dataset) part.elements.was.value = next.elements.was.value;
      continue;
    }
    if (next.innerHTML === part.innerHTML) continue;
    if (part.dataset.of && part.dataset.of === next.dataset.of) continue; // nothing that it is about has changed
    if ("of" in next.dataset) part.dataset.of = next.dataset.of;
    if ("grown" in part.dataset) continue; // more of the list than a page of it: its rows come one by one
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
    settle(part, next);
    for (const id of open) part.querySelector(`#${id}`)?.setAttribute("open", "");
  }
  for (const name of ["form_token", "seen"]) {
    for (const field of document.querySelectorAll(`[name=${name}]`)) {
      field.value = fresh.querySelector(`[name=${name}]`)?.value ?? field.value;
    }
  }
  document.dispatchEvent(new CustomEvent("desk:shown", { detail: fresh }));
  if (whole) document.title = fresh.title;
  if (stick) goToEnd();
  else offerEnd();
}

// What is the same before and after the change stays as it is: a voice note plays on.
function settle(part, next) {
  const old = [...part.childNodes];
  const fresh = [...next.childNodes];
  let after = null;
  while (old.length && fresh.length && old[0].isEqualNode(fresh[0])) [old, fresh].forEach((each) => each.shift());
  while (old.length && fresh.length && old.at(-1).isEqualNode(fresh.at(-1))) {
    after = old.pop();
    fresh.pop();
  }
  for (const each of old) each.remove();
  for (const each of fresh) part.insertBefore(each, after);
}

let looking = false;
const changed = new Set();

async function look(conversations = [EVERYTHING]) {
  for (const each of conversations) changed.add(each);
  if (looking) return;
  looking = true;
  try {
    while (changed.size) {
      const whole = changed.has(EVERYTHING) || changed.size > MANY || !document.querySelector("[data-list]");
      const address = whole ? location.href : changes([...changed]);
      changed.clear();
      const response = await fetch(address, { headers: HTML });
      if (new URL(response.url).pathname === LOGIN) return location.assign(response.url);
      if (response.status === GONE) return location.assign("/"); // who is erased is shown no longer
      if (response.ok) show(await parse(response), whole);
      await new Promise((rested) => setTimeout(rested, REST_MS));
    }
  } catch {
    offline.hidden = false; // the stream comes back and asks again
  } finally {
    looking = false;
  }
}

function changes(conversations) {
  const wanted = new URLSearchParams(conversations.map((each) => ["de", each]));
  if (document.body.dataset.open) wanted.set("aberta", document.body.dataset.open);
  return `/mudancas?${wanted}`;
}

function listen() {
  const events = new EventSource(document.body.dataset.events);
  events.addEventListener("open", () => (offline.hidden = true));
  events.addEventListener("changed", (event) => look(JSON.parse(event.data)));
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
    if (!response.ok) {
      say(fresh.getElementById("said")?.textContent ?? "Algo deu errado. Tente de novo.");
      form.dataset.told = ""; // what they send next, they send knowing
      return look();
    }
    if (form === composer) {
      composer.elements.text.value = "";
      composer.elements.nonce.value = fresh.querySelector("[name=nonce]").value;
      fit();
      goToEnd();
    }
    if ("dirty" in form.dataset) {
      delete form.dataset.dirty;
      form.reset();
      form.closest("details").open = false;
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

// A voice note that cannot be had: the page says why, which the player does not.
document.addEventListener("error", async ({ target }) => {
  if (!target.matches?.("audio.voice") || !navigator.onLine) return;
  const answer = await fetch(target.src, { headers: HTML });
  const said = answer.ok ? null : (await parse(answer)).getElementById("said")?.textContent;
  target.hidden = true;
  target.nextElementSibling.textContent = said ?? "Este áudio não toca neste aparelho.";
  target.nextElementSibling.hidden = false;
}, { capture: true });

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (form) form.dataset.dirty = "";
});

document.addEventListener("click", async (event) => {
  const why = event.target.closest("[data-why]");
  if (why) {
    event.preventDefault();
    const reasons = (await parse(await fetch(why.href, { headers: HTML }))).getElementById("reasons");
    if (!reasons) return location.assign(why.href);
    document.querySelector("[data-reasons]").replaceChildren(reasons);
    document.getElementById("why-box").showPopover();
    return;
  }
  const suggest = event.target.closest("[data-suggest]");
  if (suggest) {
    event.preventDefault();
    const response = await fetch(suggest.href, { headers: HTML });
    const help = (await parse(response)).getElementById("help");
    if (help) document.getElementById("help").replaceChildren(...help.childNodes);
    return;
  }
  const use = event.target.closest("[data-use]");
  if (!use) return;
  composer.elements.text.value = document.getElementById(use.dataset.use).textContent;
  document.getElementById("pack")?.removeAttribute("open");
  document.getElementById("quick").hidePopover();
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

toEnd?.addEventListener("click", goToEnd);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
const every = Number(document.body.dataset.everySeconds); // for what no event tells
if (every) setInterval(() => document.visibilityState === "visible" && look(), every * 1000);
goToEnd();
listen();
