/* <runs-table scope layout-url rows-url events>: rows that come as one scrolls, keys that move through them, and
   running runs that change in place. Without this there are pages, and what they show is as of when they were asked. */
const MOST_ROWS = 2000;

class RunsTable extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector(".table-box");
    this.table = this.querySelector("table");
    this.next = this.querySelector("a[rel=next]");
    this.shown = this.querySelector("[data-shown]");
    if (this.next) this.watchEnd();
    this.onKeys = (event) => this.key(event);
    document.addEventListener("keydown", this.onKeys);
    this.addEventListener("change", (event) => this.choose(event.target));
    this.addEventListener("click", (event) => this.range(event));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKeys);
    this.observer?.disconnect();
  }

  get rows() {
    return [...this.table.querySelectorAll("tr[data-run]")];
  }

  /* The next page is asked for before its place comes into view. */
  watchEnd() {
    this.observer = new IntersectionObserver((entries) => entries[0].isIntersecting && this.grow(), {
      root: this.box.scrollHeight > this.box.clientHeight + 4 ? this.box : null, rootMargin: "600px",
    });
    this.end = document.createElement("div");
    this.end.className = "rows-end";
    this.box.append(this.end);
    this.observer.observe(this.end);
  }

  async grow() {
    if (this.isGrowing || !this.next || this.rows.length >= MOST_ROWS) return;
    this.isGrowing = true;
    try {
      const address = new URL(this.next.href);
      address.searchParams.set("part", "rows");
      for (const head of this.querySelectorAll("thead th[data-field]")) {
        if (!address.searchParams.has("columns", head.dataset.field) && head.dataset.field !== "attributes.run_name") this.ask(address, head);
      }
      const answer = await fetch(address);
      if (answer.ok) this.append(parsed(await answer.text()));
    } finally {
      this.isGrowing = false;
    }
    this.observer.unobserve(this.end);
    this.observer.observe(this.end);
  }

  /* Columns that the server chose for the first page are named for the next ones. */
  ask(address, head) {
    address.searchParams.append("columns", head.dataset.field);
  }

  append(body) {
    const seen = new Set(this.rows.map((row) => row.dataset.run));
    const fresh = [...body.rows].filter((row) => !seen.has(row.dataset.run));
    this.table.tBodies[0].append(...fresh);
    this.shown.textContent = `${this.rows.length.toLocaleString("en")} runs are shown`;
    if (body.dataset.next) {
      const address = new URL(this.next.href);
      address.searchParams.set("page_token", body.dataset.next);
      this.next.href = address;
    } else {
      this.next.remove();
      this.next = null;
    }
    this.dispatchEvent(new CustomEvent("rows-added", { bubbles: true }));
  }

  choose(target) {
    if (target.matches("input[data-all]")) for (const row of this.rows) this.boxOf(row).checked = target.checked;
    this.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  }

  boxOf(row) {
    return row.querySelector(".pick input");
  }

  /* Shift and a click choose all rows between. */
  range(event) {
    const box = event.target.closest(".pick input[name=run]");
    if (!box) return;
    const rows = this.rows, at = rows.indexOf(box.closest("tr"));
    if (event.shiftKey && this.last !== undefined) {
      for (let i = Math.min(at, this.last); i <= Math.max(at, this.last); i++) this.boxOf(rows[i]).checked = box.checked;
      this.choose(box);
    }
    this.last = at;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
    const rows = this.rows, at = rows.findIndex((row) => row.hasAttribute("data-at"));
    const row = rows[at];
    if (event.key === "j" || event.key === "k") this.move(rows, at + (event.key === "j" ? 1 : -1));
    else if (event.key === "x" && row) { this.boxOf(row).checked = !this.boxOf(row).checked; this.choose(this.boxOf(row)); }
    else if (event.key === "Enter" && row && event.target === document.body) row.querySelector("th a").click();
    else if (event.key === "s" && row) row.querySelector("button.star")?.click();
    else if (event.key === "e" && row) row.dispatchEvent(new CustomEvent("edit-name", { bubbles: true }));
    else return;
    event.preventDefault();
  }

  move(rows, to) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    for (const each of rows) each.removeAttribute("data-at");
    row.setAttribute("data-at", "");
    row.querySelector("th a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

export function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = `<table>${html}</table>`;
  return template.content.querySelector("tbody");
}

customElements.define("runs-table", RunsTable);
