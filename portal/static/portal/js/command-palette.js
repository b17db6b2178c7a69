/* <command-palette src="/search">: Ctrl-K or the search box opens a list of pages, experiments and runs. */
const DELAY_MS = 120;

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.input = this.querySelector("input");
    this.list = this.querySelector("[role=listbox]");
    this.status = this.querySelector("[role=status]");
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (this.dialog.open) this.dialog.close();
        else this.open();
      }
    });
    const box = document.querySelector("[data-palette-open]");
    box?.addEventListener("click", () => this.open(box.value));
    box?.addEventListener("input", () => { this.open(box.value); box.value = ""; });
    this.input.addEventListener("input", () => this.searchSoon());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("click", (event) => this.go(event.target.closest("[role=option]")));
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => this.input.setAttribute("aria-expanded", "false"));
  }

  open(text = "") {
    if (this.dialog.open) return;
    this.input.value = text;
    this.list.replaceChildren();
    this.isStale = true;
    this.dialog.showModal();
    this.input.focus();
    this.search();
  }

  searchSoon() {
    this.isStale = true;
    this.request?.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), DELAY_MS);
  }

  /* True when the list shows what was asked for; a newer question aborts an older one. */
  async search() {
    this.request?.abort();
    this.request = new AbortController();
    const url = `${this.getAttribute("src")}?q=${encodeURIComponent(this.input.value)}`;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: this.request.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show((await answer.json()).results);
      this.isStale = false;
    } catch (error) {
      if (error.name !== "AbortError") this.status.textContent = "The search does not answer. Try again.";
    }
    return !this.isStale;
  }

  show(results) {
    this.list.replaceChildren(...results.map((result, index) => option(result, index)));
    this.input.setAttribute("aria-expanded", String(results.length > 0));
    this.status.textContent = results.length ? `${results.length} found` : "Nothing found. Try a part of a name or a run id.";
    this.select(0);
  }

  get options() {
    return [...this.list.children];
  }

  get selected() {
    return this.list.querySelector("[aria-selected=true]");
  }

  select(index) {
    const options = this.options;
    if (!options.length) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    const chosen = options[(index + options.length) % options.length];
    for (const each of options) each.setAttribute("aria-selected", String(each === chosen));
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    const at = this.options.indexOf(this.selected);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in moves && !(event.key === "Home" || event.key === "End") || event.ctrlKey && event.key in moves) {
      event.preventDefault();
      this.select(moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.enter();
    }
  }

  /* Who types fast and presses Enter means what they typed, not what the list still shows. */
  async enter() {
    clearTimeout(this.timer);
    if (!this.isStale || (await this.search())) this.go(this.selected);
  }

  go(chosen) {
    if (chosen) location.assign(chosen.dataset.url);
  }
}

function option(result, index) {
  const element = document.createElement("div");
  element.id = `palette-option-${index}`;
  element.setAttribute("role", "option");
  element.dataset.url = result.url;
  const label = document.createElement("span");
  label.textContent = result.label;
  const kind = document.createElement("span");
  kind.className = "kind";
  kind.textContent = result.kind;
  element.append(label, kind);
  return element;
}

customElements.define("command-palette", CommandPalette);
