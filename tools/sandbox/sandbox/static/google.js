// The unit's calendar, a week at a time: move, add, change and delete events by hand.

const FIRST_HOUR = 7, HOURS = 15, HOUR_PX = 44, ZONE = "America/Sao_Paulo", SNAP = 30;
const WEEKDAYS = ["seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."];
const $ = (selector) => document.querySelector(selector);
const grid = $("[data-grid]"), dialog = $("dialog"), form = $("[data-form]");
let monday = null, shown = "", editing = null, dragging = null;

const pad = (number) => String(number).padStart(2, "0");
const plus = (day, days) => new Date(Date.parse(`${day}T12:00:00Z`) + days * 864e5).toISOString().slice(0, 10);
const minutes = (text) => Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16));
const clock = (total) => `${pad(Math.floor(total / 60))}:${pad(total % 60)}`;
const between = (from, to) => Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 864e5);
const timed = (day, time) => ({ dateTime: `${day}T${time}:00-03:00`, timeZone: ZONE });

async function call(method, path, body) {
  const answer = await fetch(`/sandbox/google${path}`, {
    method, headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body),
  });
  const wrong = $(".wrong");
  wrong.hidden = answer.ok;
  if (!answer.ok) {
    wrong.textContent = "Isso não foi possível. Confira o horário.";
    throw new Error(`${method} ${path}: ${answer.status}`);
  }
  return answer.json();
}

async function load() {
  if (!monday) {
    const today = (await call("GET", "/week?first=2000-01-03")).now.slice(0, 10);
    monday = plus(today, -((new Date(`${today}T12:00:00Z`).getUTCDay() + 6) % 7));
  }
  const week = await call("GET", `/week?first=${monday}`);
  const text = JSON.stringify([monday, week.items, week.now.slice(0, 10)]);
  if (text !== shown && !dragging) { shown = text; draw(week); }
}

function draw(week) {
  const days = WEEKDAYS.map((name, index) => [name, plus(monday, index)]);
  const short = (day) => `${day.slice(8)}/${day.slice(5, 7)}`;
  $("[data-testid=range]").textContent = `${short(monday)} a ${short(plus(monday, 6))}/${monday.slice(0, 4)}`;
  const heads = days.map(([name, day]) => {
    const head = document.createElement("span");
    head.textContent = `${name} ${short(day)}`;
    head.className = day === week.now.slice(0, 10) ? "today" : "";
    return head;
  });
  $("[data-days]").replaceChildren(document.createElement("span"), ...heads);
  const whole = [document.createElement("span"), ...days.map(() => document.createElement("div"))];
  const blocks = [];
  for (const event of week.items) {
    if (!event.all_day) { blocks.push(block(event)); continue; }
    const last = between(monday, event.end.slice(0, 10)) - 1;
    for (let day = Math.max(0, between(monday, event.start.slice(0, 10))); day <= Math.min(6, last); day += 1) whole[day + 1].append(chip(event));
  }
  $("[data-whole]").replaceChildren(...whole);
  grid.replaceChildren(...blocks);
  document.body.dataset.live = "true";
}

function chip(event) {
  const button = document.createElement("button");
  button.className = `event${event.visit ? " visit" : ""}`;
  button.dataset.testid = "event";
  button.dataset.id = event.id;
  button.textContent = event.all_day ? event.summary : `${event.start.slice(11, 16)} ${event.summary}`;
  button.onclick = () => open(event);
  return button;
}

function block(event) {
  const button = chip(event), day = between(monday, event.start.slice(0, 10));
  const from = minutes(event.start), to = event.end.slice(0, 10) === event.start.slice(0, 10) ? minutes(event.end) : 24 * 60;
  const place = (column, start) => {
    button.style.left = `calc(${column} * 100% / 7 + 2px)`;
    button.style.top = `${(start / 60 - FIRST_HOUR) * HOUR_PX}px`;
  };
  place(day, from);
  button.style.width = "calc(100% / 7 - 6px)";
  button.style.height = `${Math.max(18, ((to - from) / 60) * HOUR_PX - 1)}px`;
  button.onclick = null;
  button.onpointerdown = (down) => {
    button.setPointerCapture(down.pointerId);
    dragging = { column: day, start: from, moved: false };
    button.onpointermove = (move) => {
      const columns = Math.round((move.clientX - down.clientX) / (grid.clientWidth / 7));
      const steps = Math.round((move.clientY - down.clientY) / (HOUR_PX * SNAP / 60));
      dragging.moved ||= Boolean(columns || steps);
      dragging.column = Math.min(6, Math.max(0, day + columns));
      dragging.start = Math.min((FIRST_HOUR + HOURS) * 60 - SNAP, Math.max(FIRST_HOUR * 60, from + steps * SNAP));
      button.classList.add("dragged");
      place(dragging.column, dragging.start);
    };
    button.onpointerup = async () => {
      button.onpointermove = button.onpointerup = null;
      const { column, start, moved } = dragging;
      dragging = null;
      if (!moved) { open(event); return; }
      const onto = plus(monday, column);
      await save(event.id, { start: timed(onto, clock(start)), end: timed(onto, clock(start + to - from)) });
    };
  };
  return button;
}

async function save(id, body) {
  try {
    await (id ? call("PATCH", `/events/${id}`, body) : call("POST", "/events", body));
  } finally {
    shown = "";
    await load();
  }
}

function open(event) {
  editing = event;
  dialog.querySelector("h2").textContent = event.id ? "Evento" : "Novo evento";
  form.summary.value = event.summary;
  form.all_day.checked = event.all_day;
  form.day.value = event.start.slice(0, 10);
  form.start.value = event.all_day ? "09:00" : event.start.slice(11, 16);
  form.end.value = event.all_day ? "10:00" : event.end.slice(11, 16);
  form.repeat.value = "";
  $(".repeat").hidden = Boolean(event.id);
  $("[data-testid=event-delete]").hidden = !event.id;
  $("[data-description]").textContent = event.description || "";
  dialog.returnValue = "";
  dialog.showModal();
}

const blank = (day, start) => ({ summary: "", all_day: false, start: `${day}T${clock(start)}`, end: `${day}T${clock(start + 60)}` });

dialog.addEventListener("close", async () => {
  const { value } = { value: dialog.returnValue };
  if (value === "delete") { await call("DELETE", `/events/${editing.id}`); shown = ""; await load(); }
  if (value !== "save") return;
  const day = form.day.value, whole = form.all_day.checked;
  const times = whole
    ? { start: { date: day }, end: { date: plus(day, 1) } }
    : { start: timed(day, form.start.value), end: timed(day, form.end.value) };
  const recurrence = form.repeat.value ? { recurrence: [form.repeat.value] } : {};
  const same = editing.id && whole === editing.all_day && day === editing.start.slice(0, 10)
    && (whole || (form.start.value === editing.start.slice(11, 16) && form.end.value === editing.end.slice(11, 16)));
  await save(editing.id, { summary: form.summary.value, ...(same ? {} : times), ...recurrence });
});
grid.addEventListener("click", (event) => {
  if (event.target !== grid) return;
  const box = grid.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / (box.width / 7));
  const start = Math.floor((((event.clientY - box.top) / HOUR_PX + FIRST_HOUR) * 60) / SNAP) * SNAP;
  open(blank(plus(monday, column), start));
});
$("[data-new]").onclick = () => open(blank(monday, 9 * 60));
for (const button of document.querySelectorAll("[data-step]")) {
  button.onclick = () => {
    monday = Number(button.dataset.step) ? plus(monday, Number(button.dataset.step)) : null;
    load();
  };
}
for (let hour = FIRST_HOUR; hour < FIRST_HOUR + HOURS; hour += 1) {
  const label = document.createElement("span");
  label.textContent = `${pad(hour)}h`;
  $("[data-hours]").append(label);
}
load();
setInterval(load, 2000);
