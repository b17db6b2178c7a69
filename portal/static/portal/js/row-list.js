/* <row-list>: rows of fields and a button that adds an empty one. Without this, the button asks the server for more. */
class RowList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("button[value='more']")) this.add(event);
    });
  }

  add(event) {
    const rows = this.querySelectorAll(":scope > .rows");
    const last = rows[rows.length - 1];
    if (!last) return;
    event.preventDefault();
    const row = last.cloneNode(true);
    row.querySelectorAll("input, select").forEach((field) => {
      if (field.tagName === "SELECT") field.selectedIndex = 0;
      else field.value = "";
      const label = field.getAttribute("aria-label") ?? "";
      field.setAttribute("aria-label", label.replace(/\d+$/, String(rows.length + 1)));
    });
    last.after(row);
    row.querySelector("input")?.focus();
  }
}

customElements.define("row-list", RowList);
