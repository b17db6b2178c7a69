/* Running runs change where they stand. The server says when something has changed; where it cannot, this asks by the
   clock, less often the longer nothing changes. A hidden tab hears and asks nothing. */
import { parsed } from "./runs-table.js";

const SHORTEST_MS = 2000, FIRST_MS = 5000, LONGEST_MS = 60000, AT_MOST = 200;
const table = document.querySelector("runs-table");

if (table) {
  let stream = null, timer = 0, wait = FIRST_MS, asked = 0, seen = "";

  const columns = () => [...table.querySelectorAll("thead th[data-field]")].map((head) => head.dataset.field).filter((field) => field !== "attributes.run_name");
  const live = () => [...table.querySelectorAll("tr[data-live]")].slice(0, AT_MOST);

  const refresh = async () => {
    asked = Date.now();
    const rows = live();
    if (!rows.length || document.hidden) return;
    const query = new URLSearchParams([...rows.map((row) => ["run", row.dataset.run]), ...columns().map((field) => ["columns", field])]);
    const answer = await fetch(`${table.getAttribute("rows-url")}?${query}`).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    wait = text === seen ? Math.min(wait * 1.5, LONGEST_MS) : FIRST_MS;
    if (text !== seen) for (const fresh of [...parsed(text).rows]) put(fresh);
    seen = text;
  };

  /* A row that somebody is using keeps its name cell; its values change all the same. */
  const put = (fresh) => {
    const row = table.querySelector(`tr[data-run="${fresh.dataset.run}"]`);
    if (!row || row.cells.length !== fresh.cells.length) return;
    const inUse = row.contains(document.activeElement);
    [...fresh.cells].forEach((cell, index) => {
      const old = row.cells[index];
      if (index === 0 || (index === 1 && inUse) || old.innerHTML === cell.innerHTML) return;
      old.innerHTML = cell.innerHTML;
      old.title = cell.title;
      if (index > 1) old.classList.add("fresh");
    });
    row.toggleAttribute("data-live", fresh.hasAttribute("data-live"));
  };

  const plan = (ms) => {
    clearTimeout(timer);
    if (document.hidden || !live().length) return;
    timer = setTimeout(async () => { await refresh(); plan(stream ? LONGEST_MS : wait); }, ms);
  };

  const listen = () => {
    const source = table.getAttribute("events");
    if (!source || stream || !live().length) return;
    stream = new EventSource(`${source}/events`, { withCredentials: true });
    stream.addEventListener("changed", () => plan(Math.max(0, asked + SHORTEST_MS - Date.now())));
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      stream = null;
      table.removeAttribute("events");
      plan(wait);
    });
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      stream?.close();
      stream = null;
    } else {
      listen();
      plan(0);
    }
  });
  table.addEventListener("rows-added", () => { listen(); plan(stream ? LONGEST_MS : wait); });
  if (!document.hidden) { listen(); plan(wait); }
}
