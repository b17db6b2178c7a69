/* Rows that open: a group shows its runs, a parent the runs nested in it, a sweep its trials. */
import { parsed } from "./runs-table.js";

async function open(button) {
  const row = button.closest("tr");
  button.setAttribute("aria-expanded", "true");
  const address = new URL(button.dataset.open, location.href);
  const answer = await fetch(address);
  if (!answer.ok) return button.setAttribute("aria-expanded", "false");
  const body = parsed(await answer.text());
  const depth = Number(row.dataset.depth ?? 0) + 1;
  const id = row.dataset.key ??= `row-${Math.random().toString(36).slice(2)}`;
  const rows = [...body.rows];
  for (const each of rows) {
    each.dataset.depth = depth;
    each.dataset.under = id;
    each.classList.add(`depth-${Math.min(depth, 4)}`);
  }
  row.after(...rows);
  if (body.dataset.next) {
    address.searchParams.delete("part");
    const more = document.createElement("tr");
    more.dataset.under = id;
    const cell = more.insertCell();
    cell.colSpan = row.cells.length;
    cell.className = "more";
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "All of these runs";
    cell.append(link);
    (rows.at(-1) ?? row).after(more);
  }
  return row.dispatchEvent(new CustomEvent("rows-added", { bubbles: true }));
}

function close(button) {
  const row = button.closest("tr");
  button.setAttribute("aria-expanded", "false");
  for (const each of [...row.parentElement.querySelectorAll(`tr[data-under="${row.dataset.key}"]`)]) {
    const inner = each.querySelector("button[data-open][aria-expanded=true]");
    if (inner) close(inner);
    each.remove();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-open]");
  if (!button) return;
  if (button.getAttribute("aria-expanded") === "true") close(button);
  else open(button);
});

/* Figures come in the place of the groups: what was open opens again, and the keyboard stays where it was. */
let was = { opened: [], focused: null };
document.addEventListener("htmx:beforeSwap", (event) => {
  const body = event.detail.target.closest?.("table.runs tbody");
  if (!body) return;
  const opened = [...body.querySelectorAll("tr[data-group] button[data-open][aria-expanded=true]")];
  const focused = body.contains(document.activeElement) ? document.activeElement.closest("tr[data-group]") : null;
  was = { opened: opened.map((button) => button.dataset.open), focused: focused?.querySelector("button")?.dataset.open };
});

document.addEventListener("htmx:load", (event) => {
  if (!event.detail.elt.matches?.("table.runs tbody")) return;
  for (const button of event.detail.elt.querySelectorAll("button[data-open]")) {
    if (was.opened.includes(button.dataset.open)) open(button);
    if (was.focused === button.dataset.open) button.focus();
  }
  was = { opened: [], focused: null };
});
