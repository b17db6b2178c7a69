/* <job-progress src="…/progress">: keeps the bars of a job up to date until it has ended. */
const EVERY_MS = 2000;
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const OVER = ["done", "failed", "cancelled"];

class JobProgress extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ul");
    if (this.list && !this.hasAttribute("complete")) this.plan();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  plan() {
    this.timer = setTimeout(() => this.look(), EVERY_MS);
  }

  async look() {
    if (document.hidden) return this.plan();
    try {
      const answer = await fetch(this.getAttribute("src"), { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const { items, job_state: state } = await answer.json();
        items.forEach((bar) => this.show(bar, OVER.includes(state)));
        if (OVER.includes(state)) return undefined;
      }
    } catch {
      /* The next look may find the portal again. */
    }
    return this.isConnected ? this.plan() : undefined;
  }

  show(bar, isOver) {
    const row = [...this.list.children].find((each) => each.dataset.name === bar.name) || this.made(bar.name);
    const [, progress, state] = row.children;
    if (bar.fraction === null) progress.removeAttribute("value");
    else progress.value = bar.fraction;
    const amount = bar.total ? `${plain(bar.done)} of ${plain(bar.total)}` : plain(bar.done);
    const left = bar.eta_seconds === null || isOver ? "" : ` · ${timeLeft(bar.eta_seconds)}`;
    state.textContent = `${amount}${bar.unit ? ` ${bar.unit}` : ""}${left}`;
  }

  made(name) {
    const row = document.createElement("li");
    row.dataset.name = name;
    const [label, progress, state] = ["span", "progress", "span"].map((tag) => document.createElement(tag));
    label.className = "job-bar-name";
    label.textContent = name;
    progress.className = "progress";
    progress.max = 1;
    progress.setAttribute("aria-label", name);
    state.className = "job-bar-state";
    row.append(label, progress, state);
    this.list.append(row);
    return row;
  }
}

function plain(value) {
  return value < 1e6 && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : value.toFixed(0);
}

function timeLeft(seconds) {
  let left = Math.round(seconds);
  const parts = [];
  for (const [size, name] of UNITS) {
    if (left >= size) parts.push(`${Math.floor(left / size)} ${name}`);
    left %= size;
  }
  return `${parts.slice(0, 2).join(" ") || "0 s"} left`;
}

customElements.define("job-progress", JobProgress);
