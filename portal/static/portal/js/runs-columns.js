/* Columns of a <runs-table>: drag a head to move its column, drag its edge to make it wider, pin it to the left; the
   layout is kept for the person, and the order stands in the address. Keys: Alt with an arrow moves the column whose
   head has the focus, Shift and Alt with an arrow changes its width, Alt and P pins it. */
import { RuleSheet } from "./rule-sheet.js";

const WIDER = 20, LEAST = 50, SAVE_AFTER_MS = 500;
const wide = matchMedia("(min-width: 760px)"); // as in the sheet, where the box and the name stay

class Columns {
  constructor(owner) {
    this.owner = owner;
    this.sheet = new RuleSheet();
    this.table = owner.querySelector("table");
    this.row = this.table.tHead.rows[this.table.tHead.rows.length - 1];
    this.widths = JSON.parse(owner.querySelector("script[type='application/json']")?.textContent || "{}").widths ?? {};
    for (const head of this.heads) this.prepare(head);
    this.apply();
    owner.addEventListener("rows-added", () => this.stick());
    this.row.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.stick()).observe(this.table);
  }

  get heads() {
    return [...this.row.cells].filter((cell) => cell.dataset.field);
  }

  get order() {
    return this.heads.map((head) => head.dataset.field).filter((field) => field !== "attributes.run_name");
  }

  prepare(head) {
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.addEventListener("pointerdown", (event) => this.resize(event, head));
    grip.addEventListener("dblclick", () => { delete this.widths[head.dataset.field]; this.apply(); this.saveSoon(); });
    head.append(grip);
    if (head.dataset.field === "attributes.run_name") return;
    head.draggable = true;
    head.addEventListener("dragstart", (event) => {
      if (this.isResizing) event.preventDefault();
      else this.dragged = head;
    });
    head.addEventListener("dragover", (event) => { if (this.dragged) { event.preventDefault(); head.classList.add("drop"); } });
    head.addEventListener("dragleave", () => head.classList.remove("drop"));
    head.addEventListener("drop", (event) => { event.preventDefault(); head.classList.remove("drop"); this.move(this.dragged, head); });
  }

  move(head, before) {
    const fields = this.order, field = head?.dataset.field;
    if (!field || head === before) return;
    fields.splice(fields.indexOf(field), 1);
    const at = fields.indexOf(before.dataset.field);
    fields.splice(at + (head.cellIndex < before.cellIndex ? 1 : 0), 0, field);
    this.go(fields, this.pinned);
  }

  key(event) {
    const head = event.target.closest("th[data-field]");
    if (!event.altKey || !head) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && event.shiftKey) {
      this.widths[head.dataset.field] = Math.max(LEAST, head.offsetWidth + step * WIDER);
      this.apply();
      this.saveSoon();
    } else if (step) {
      const other = this.heads[this.heads.indexOf(head) + step];
      if (other && other.dataset.field !== "attributes.run_name") this.move(head, other);
    } else if (event.key.toLowerCase() === "p") {
      this.pin(head.dataset.field);
    } else {
      return;
    }
    event.preventDefault();
  }

  get pinned() {
    return this.heads.filter((head) => head.hasAttribute("data-pinned")).map((head) => head.dataset.field);
  }

  pin(field) {
    const pinned = this.pinned;
    this.go(this.order, pinned.includes(field) ? pinned.filter((each) => each !== field) : [...pinned, field]);
  }

  /* The new order is a new address, so it can be shared and gone back from. */
  async go(columns, pinned) {
    const address = new URL(location.href);
    for (const name of ["columns", "pinned", "page_token"]) address.searchParams.delete(name);
    for (const field of columns) address.searchParams.append("columns", field);
    for (const field of pinned) address.searchParams.append("pinned", field);
    await this.save(columns, pinned);
    location.assign(address);
  }

  resize(event, head) {
    event.preventDefault();
    event.stopPropagation();
    this.isResizing = true;
    const from = event.clientX, width = head.offsetWidth;
    const move = (moved) => { this.widths[head.dataset.field] = Math.max(LEAST, width + moved.clientX - from); this.apply(); };
    addEventListener("pointermove", move);
    addEventListener("pointerup", () => {
      removeEventListener("pointermove", move);
      this.isResizing = false;
      this.saveSoon();
    }, { once: true });
  }

  apply() {
    for (const head of this.heads) head.classList.toggle("sized", Boolean(this.widths[head.dataset.field]));
    this.stick();
  }

  /* What is pinned stays at the left, after the box and the name, while the rest scrolls under it. Sizes stand in a
     sheet, not in the elements. */
  stick() {
    const place = (cell) => `:nth-child(${cell.cellIndex + 1})`;
    const rules = this.heads.filter((head) => this.widths[head.dataset.field]).map((head) => {
      const width = `${Math.round(this.widths[head.dataset.field])}px`;
      return `table.runs thead tr:last-child > ${place(head)} { width: ${width}; min-width: ${width}; max-width: ${width}; }`;
    });
    this.sheet.write(rules);
    const stuck = wide.matches ? this.heads.filter((head) => head.hasAttribute("data-pinned")) : [];
    let left = stuck.length && this.row.cells[0].offsetWidth + this.row.cells[1].offsetWidth;
    for (const cell of stuck) {
      rules.push(`table.runs tr > .stuck${place(cell)} { left: ${left}px; }`);
      for (const row of [this.row, ...this.table.tBodies[0].rows]) row.cells[cell.cellIndex]?.classList.add("stuck");
      left += cell.offsetWidth;
    }
    this.sheet.write(rules);
  }

  saveSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(this.order, this.pinned), SAVE_AFTER_MS);
  }

  save(columns, pinned) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    return fetch(this.owner.getAttribute("layout-url"), {
      method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ scope: this.owner.getAttribute("scope"), columns, pinned, widths: this.widths }),
    });
  }
}

for (const table of document.querySelectorAll("runs-table")) new Columns(table);
