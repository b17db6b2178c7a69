/* <chart-board>: what all charts of a page share: the runs, the look, the zoom and what is hidden; all in the URL. */
import "./run-chart.js";
import { save } from "./export.js";

const DEFAULTS = { x: "step", smooth: 0, log: false, logx: false, clip: false, best: false, group: "" };
const WIDTH_PER_BUCKET = 1.5;
// Of runs that share a colour the first has a whole line.
const DASHES = [undefined, [6, 3], [2, 3], [9, 3, 2, 3]];

class ChartBoard extends HTMLElement {
  connectedCallback() {
    const facts = JSON.parse(document.getElementById(this.getAttribute("facts")).textContent);
    this.runs = new Map(facts.runs.map((run) => [run.id, run]));
    const used = new Map();
    for (const run of facts.runs) {
      run.dash = DASHES[Math.min(used.get(run.colour) ?? 0, DASHES.length - 1)];
      used.set(run.colour, (used.get(run.colour) ?? 0) + 1);
    }
    this.read();
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.change());
    this.addEventListener("click", (event) => this.act(event));
    this.redraw = () => this.each((chart) => chart.draw());
    document.addEventListener("preference", this.redraw);
    document.addEventListener("fullscreenchange", () => this.each((chart) => chart.plot?.setSize(chart.size())));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.redraw);
    addEventListener("popstate", () => { if (this.hasAttribute("query")) return; this.read(); this.show(); this.each((chart) => chart.renew()); });
    this.show();
  }

  get count() {
    return this.runs.size;
  }

  get axisName() {
    return this.look.x.replace("metric:", "");
  }

  read() {
    const query = new URLSearchParams(this.getAttribute("query") ?? location.search), flag = (name) => query.get(name) === "1";
    const number = (name) => (query.get(name) ? Number(query.get(name)) : null);
    this.look = {
      x: query.get("x") ?? "step", smooth: Math.min(0.999, number("smooth") || 0), log: flag("log"), logx: flag("logx"),
      clip: flag("clip"), best: flag("best"), group: query.get("group") ?? "",
    };
    const [from, to] = [number("from"), number("to")];
    this.window = Number.isFinite(from) && Number.isFinite(to) && from !== null && to > from ? [from, to] : null;
    this.hidden_ids = new Set((query.get("hide") ?? "").split(",").filter(Boolean));
  }

  /* In a report there are several boards, and none of them owns the address. */
  write() {
    if (this.hasAttribute("query")) return;
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(this.look)) {
      if (value === DEFAULTS[name]) query.delete(name);
      else query.set(name, value === true ? "1" : value);
    }
    ["from", "to"].forEach((name, index) => (this.window ? query.set(name, Number(this.window[index].toPrecision(15))) : query.delete(name)));
    if (this.hidden_ids.size) query.set("hide", [...this.hidden_ids].join(","));
    else query.delete("hide");
    history.replaceState(null, "", `?${query}${location.hash}`);
  }

  change() {
    const { x, smooth, log, logx, clip, best, group } = this.form.elements;
    const before = this.look.x;
    this.look = { x: x.value, smooth: Number(smooth.value), log: log.checked, logx: logx.checked, clip: clip.checked, best: best.checked, group: group?.value ?? "" };
    if (before !== this.look.x) this.window = null;
    this.write();
    this.show();
    this.each((chart) => (before !== this.look.x ? chart.renew() : chart.draw()));
  }

  show() {
    for (const [name, value] of Object.entries(this.look)) {
      const field = this.form.elements[name];
      if (field?.type === "checkbox") field.checked = value;
      else if (field) field.value = value;
    }
    this.form.querySelector("output").textContent = this.look.smooth ? this.look.smooth.toFixed(2) : "off";
    this.form.querySelector("[data-act=all]").hidden = !this.window;
    for (const button of this.querySelectorAll("[data-run]")) button.setAttribute("aria-pressed", String(this.isShown(button.dataset.run)));
  }

  zoom(from, to) {
    this.window = from === null ? null : [from, to];
    this.write();
    this.show();
    this.each((chart) => { chart.draw(); chart.renew(); });
  }

  act(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.run) {
      const id = button.dataset.run;
      if (!this.hidden_ids.delete(id)) this.hidden_ids.add(id);
      this.write();
      this.show();
      this.redraw();
    } else if (button.dataset.act === "all") this.zoom(null, null);
    else if (button.dataset.act) save(button.dataset.act, button.closest("section"));
  }

  isShown(id) {
    return !this.hidden_ids.has(id);
  }

  named(id) {
    const run = this.runs.get(id);
    const number = run ? run.colour : this.groups().get(id).colour;
    return { name: run?.name ?? id, dash: run?.dash, colour: getComputedStyle(this).getPropertyValue(`--run-${number}`).trim() };
  }

  /* Name of the group -> its runs, where the look asks for groups. */
  groups() {
    if (!this.look.group) return null;
    const found = new Map();
    for (const run of this.runs.values()) {
      const name = `${this.look.group} = ${run.params?.[this.look.group] ?? "none"}`;
      if (!found.has(name)) found.set(name, Object.assign(new Set(), { colour: (found.size % 12) + 1 }));
      found.get(name).add(run.id);
    }
    return found;
  }

  async curves(key, width, signal) {
    const isMetric = this.look.x.startsWith("metric:");
    const query = new URLSearchParams({ key, x: isMetric ? "step" : this.look.x, buckets: Math.min(1500, Math.max(60, Math.round(width / WIDTH_PER_BUCKET))) });
    if (this.window && !isMetric) { query.set("from", Math.floor(this.window[0])); query.set("to", Math.ceil(this.window[1])); }
    query.set("run", [...this.runs.keys()].join(","));
    const answer = await fetch(`${this.getAttribute("source")}?${query}`, { headers: { Accept: "application/json" }, signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  each(act) {
    for (const chart of this.querySelectorAll("run-chart")) act(chart);
  }
}

customElements.define("chart-board", ChartBoard);
