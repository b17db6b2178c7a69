/* <filter-box completions experiments at to>: offers keys and values while one types a filter; after a mistake the
   piece that is wrong is selected. */
const DELAY_MS = 90, SHOWN = 12;
const STARTS = ["metrics.", "params.", "tags.", "attributes.", "dataset."];
const ATTRIBUTES = ["run_name", "status", "start_time", "end_time", "user_id", "run_id", "artifact_uri"];
const SETS = { metric: "metrics", param: "params", parameter: "params", parameters: "params", tag: "tags", attribute: "attributes", attr: "attributes", run: "attributes", datasets: "dataset" };
const VALUE = /([a-z]+)\.(`[^`]*`|"[^"]*"|[\w./-]+)\s*(?:=|!=|LIKE|ILIKE|IN\s*\((?:\s*'[^']*',)*)\s*(['"])([^'"]*)$/i;
const KEY = /\b([a-z]+)\.(`?)([^\s`'"=<>!()]*)$/i;
const WORD = /(?:^|\band\s+)([a-z]*)$/i;

class FilterBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = document.createElement("div");
    this.list.id = "filter-list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Completions");
    this.list.hidden = true;
    this.append(this.list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": "filter-list", "aria-expanded": "false", "aria-autocomplete": "list" })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.show([]), 150));
    this.list.addEventListener("pointerdown", (event) => { event.preventDefault(); this.take(event.target.closest("[role=option]")); });
    if (this.hasAttribute("at")) {
      this.input.focus();
      this.input.setSelectionRange(Number(this.getAttribute("at")) - 1, Number(this.getAttribute("to")));
    }
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.complete(), DELAY_MS);
  }

  /* What stands before the caret says what may follow: a value, a key, or a kind of key. */
  async complete() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    let match = VALUE.exec(before);
    if (match) {
      const key = match[2].replace(/^[`"]|[`"]$/g, "");
      return this.offer(match[4], await this.ask(`${set(match[1])}.${key}`, match[4]), (text) => `${text}${match[3]}`);
    }
    match = KEY.exec(before);
    if (match && set(match[1]) === "attributes") return this.offer(match[3], ATTRIBUTES.filter((key) => key.startsWith(match[3])), (text) => text);
    if (match && set(match[1]) === "dataset") return this.offer(match[3], ["name", "digest", "context"].filter((key) => key.startsWith(match[3])), (text) => text);
    if (match) return this.offer(match[2] + match[3], await this.ask(set(match[1]), match[3]), (text) => (/^\w+$/.test(text) ? text : `\`${text}\``));
    match = WORD.exec(before);
    return this.offer(match?.[1] ?? "", match?.[1] ? STARTS.filter((start) => start.startsWith(match[1].toLowerCase())) : [], (text) => text);
  }

  async ask(of, start) {
    this.request?.abort();
    this.request = new AbortController();
    const query = new URLSearchParams({ of, start });
    for (const id of (this.getAttribute("experiments") ?? "").split(" ").filter(Boolean)) query.append("experiment", id);
    try {
      const answer = await fetch(`${this.getAttribute("completions")}?${query}`, { signal: this.request.signal });
      return answer.ok ? (await answer.json()).found : [];
    } catch {
      return [];
    }
  }

  offer(written, found, spell) {
    this.written = written;
    this.show(found.slice(0, SHOWN).map((text) => ({ text, spelt: spell(text) })));
  }

  show(found) {
    this.list.replaceChildren(...found.map(({ text, spelt }, index) => {
      const option = document.createElement("div");
      option.id = `filter-option-${index}`;
      option.setAttribute("role", "option");
      option.textContent = text;
      option.dataset.spelt = spelt;
      return option;
    }));
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const options = [...this.list.children];
    if (this.list.hidden || !options.length) return;
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.mark(options, at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Tab" || (event.key === "Enter" && at >= 0)) this.take(options[Math.max(at, 0)]);
    else if (event.key === "Escape") this.show([]);
    else return;
    event.preventDefault();
  }

  mark(options, to) {
    const chosen = options[(to + options.length) % options.length];
    for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  take(option) {
    if (!option) return;
    const caret = this.input.selectionStart, value = this.input.value;
    const from = caret - this.written.length;
    this.input.value = value.slice(0, from) + option.dataset.spelt + value.slice(caret);
    this.input.setSelectionRange(from + option.dataset.spelt.length, from + option.dataset.spelt.length);
    this.show([]);
    if (option.dataset.spelt.endsWith(".")) this.soon();
  }
}

function set(written) {
  const name = written.toLowerCase();
  return SETS[name] ?? name;
}

customElements.define("filter-box", FilterBox);
