/* <run-chart key="loss">: one metric of the runs of the board around it, drawn when it comes into view. */
import { place } from "./format.js";
import { draw, underCursor } from "./plot.js";
import { against, assemble } from "./series.js";

const HEIGHT = 190;
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.isNear = isIntersecting;
    if (isIntersecting && target.isStale) target.load();
  }
}, { rootMargin: "200px" });

class RunChart extends HTMLElement {
  connectedCallback() {
    this.value = this.querySelector(".chart-value");
    this.board = this.closest("chart-board");
    this.isStale = true;
    this.resize = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.resize.observe(this);
    this.tabIndex = 0;
    this.addEventListener("keydown", (event) => this.move(event));
    near.observe(this);
  }

  disconnectedCallback() {
    this.resize.disconnect();
    near.unobserve(this);
    this.plot?.destroy();
  }

  get key() {
    return this.getAttribute("key");
  }

  size() {
    const isFull = document.fullscreenElement?.contains(this);
    return { width: Math.max(120, this.clientWidth - 16), height: isFull ? innerHeight - 130 : HEIGHT };
  }

  /* The board changed what is asked for: load now, or when it is scrolled to. */
  renew() {
    this.isStale = true;
    if (this.isNear) this.load();
  }

  async load() {
    this.isStale = false;
    this.abort?.abort();
    this.abort = new AbortController();
    const { look, window } = this.board;
    try {
      const ask = (key) => this.board.curves(key, this.size().width, this.abort.signal);
      if (look.x.startsWith("metric:")) {
        const [answer, other] = await Promise.all([ask(this.key), ask(look.x.slice(7))]);
        this.answer = against(answer, other);
      } else {
        this.answer = await ask(this.key);
      }
      this.answerWindow = window;
      this.draw();
    } catch (error) {
      if (error.name !== "AbortError") this.value.textContent = "The points could not be loaded. Reload the page to try again.";
    }
  }

  draw() {
    if (!this.answer || !globalThis.uPlot) return;
    const { look, window } = this.board;
    this.plot?.destroy();
    this.plot = null;
    if (!this.answer.runs.some((run) => this.board.isShown(run.id))) {
      this.value.textContent = "None of the shown runs has points here.";
      return;
    }
    const view = assemble(this.answer, { weight: look.smooth, groups: this.board.groups(), shown: (id) => this.board.isShown(id) });
    view.lines = view.lines.map((line) => ({ ...line, ...this.board.named(line.id) }));
    this.plot = draw(this, view, {
      ...this.size(), look, window, isLess: this.hasAttribute("less"),
      onZoom: (from, to) => this.board.zoom(from, to), onReset: () => this.board.zoom(null, null),
      onCursor: (plot) => this.tell(plot),
    });
    this.view = view;
    this.setAttribute("drawn", String(view.lines.length));
    this.tell(this.plot);
  }

  tell(plot) {
    const found = plot.cursor.left >= 0 ? underCursor(plot) : null;
    if (!found) {
      const count = this.view?.lines.length ?? 0;
      this.value.textContent = count === 1 ? this.lastOf() : `${count} ${this.board.groups() ? "groups" : "runs"}`;
      return;
    }
    this.value.textContent = `${place(this.board.axisName, found.x)}  ${found.value}  ${this.board.count > 1 ? found.line.name : ""}`;
  }

  lastOf() {
    const { x, lines: [{ y }] } = this.view;
    let at = y.length - 1;
    while (at > 0 && y[at] === undefined) at -= 1;
    return `${place(this.board.axisName, x[at])}  ${y[at] ?? "NaN"}`;
  }

  /* Arrow keys move the cross-hair, + and - zoom around it, 0 shows everything. */
  move(event) {
    if (!this.plot || event.target !== this) return;
    const { left } = this.plot.cursor, { width } = this.plot.over.getBoundingClientRect();
    const at = left >= 0 ? left : width / 2;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    const scale = { "+": 0.25, "-": 1 }[event.key];
    if (step) this.plot.setCursor({ left: Math.min(width - 1, Math.max(0, at + step * 4)), top: 10 });
    else if (scale) this.board.zoom(this.plot.posToVal(at - width * scale, "x"), this.plot.posToVal(at + width * scale, "x"));
    else if (event.key === "0") this.board.zoom(null, null);
    else return;
    event.preventDefault();
  }
}

customElements.define("run-chart", RunChart);
