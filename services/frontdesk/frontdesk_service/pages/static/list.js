// The list of conversations: rows that changed take their places, searching as one writes, more of it at its end.
const entries = document.querySelector("[data-list]");
const search = document.querySelector("[data-search]");
const HTML = { Accept: "text/html" };
const PAUSE_MS = 200;

// ——— Rows

function place(row) {
  const old = document.getElementById(row.id);
  if (!old && search.elements.busca.value.trim()) return; // whether it is one of those is the server's to say
  const waits = "waiting" in row.dataset;
  const rows = entries.querySelector(waits ? "#waiting ul" : "#others ul");
  const link = row.querySelector("a");
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  link.search = old?.querySelector("a").search ?? "";
  const next = [...rows.children].find((each) => each !== old && Number(each.dataset.at) < Number(row.dataset.at));
  const isBeyond = !next && !waits && entries.querySelector("[data-more]");
  if (old?.isEqualNode(row)) return;
  const focused = old?.contains(document.activeElement);
  old?.remove();
  if (isBeyond) return;
  rows.insertBefore(row, next ?? null);
  if (focused) link.focus();
}

document.addEventListener("desk:shown", ({ detail }) => {
  const changed = detail.getElementById("changed") ?? ("grown" in entries.dataset ? detail.getElementById("entries") : null);
  if (!changed) return;
  for (const row of [...changed.querySelectorAll("li")]) place(row);
  count();
});

function count() {
  const waiting = entries.querySelectorAll("#waiting li").length;
  entries.querySelector("#waiting h2 span").textContent = waiting;
  if (!search.elements.busca.value.trim()) document.title = waiting ? `(${waiting}) Recepção` : "Recepção";
}

function waited(since) {
  const minutes = Math.floor((Date.now() - since) / 60_000);
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  if (minutes < 1) return "agora";
  return `há ${days > 1 ? `${days} dias` : days ? "1 dia" : hours ? `${hours} h` : `${minutes} min`}`;
}

setInterval(() => {
  for (const time of entries.querySelectorAll("time[data-since]")) time.textContent = waited(Date.parse(time.dateTime));
}, 30_000);

// ——— Searching

let asked = 0;

async function find() {
  const mine = ++asked;
  const address = new URL(location.href);
  address.searchParams.delete("depois");
  const words = search.elements.busca.value.trim();
  if (words) address.searchParams.set("busca", words);
  else address.searchParams.delete("busca");
  const response = await fetch(address, { headers: HTML });
  if (!response.ok || mine !== asked) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("entries");
  if (!fresh || mine !== asked) return;
  history.replaceState(null, "", address);
  delete entries.dataset.grown;
  entries.replaceChildren(...fresh.childNodes);
}

let pause;
search.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(find, PAUSE_MS);
});
search.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  find();
});

// ——— More of it

entries.addEventListener("click", async (event) => {
  const more = event.target.closest("[data-more]");
  if (!more) return;
  event.preventDefault();
  const response = await fetch(more.href, { headers: HTML });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  entries.dataset.grown = "";
  const known = new Set([...entries.querySelectorAll("li")].map((row) => row.id));
  const rows = [...fresh.querySelectorAll("#entries li")].filter((row) => !known.has(row.id));
  entries.querySelector("#others ul").append(...rows);
  const next = fresh.querySelector("[data-more]");
  if (next) more.href = next.href;
  else more.closest(".more").remove();
  rows[0]?.querySelector("a").focus();
});
