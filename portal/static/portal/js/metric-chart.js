/* <metric-chart src="…?key=loss" label="loss">: one small uPlot chart, drawn when it comes into view. */
const HEIGHT = 168;
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); entry.target.load(); }
}, { rootMargin: "200px" });

class MetricChart extends HTMLElement {
  static observedAttributes = ["scale"];

  connectedCallback() {
    this.value = this.querySelector(".chart-value");
    this.onPreference = () => this.draw();
    document.addEventListener("preference", this.onPreference);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.onPreference);
    this.resize = new ResizeObserver(() => this.plot?.setSize({ width: this.clientWidth - 16, height: HEIGHT }));
    this.resize.observe(this);
    seen.observe(this);
  }

  disconnectedCallback() {
    document.removeEventListener("preference", this.onPreference);
    this.resize.disconnect();
    this.plot?.destroy();
  }

  attributeChangedCallback() {
    this.draw();
  }

  async load() {
    this.value.textContent = "Loading…";
    try {
      const answer = await fetch(this.getAttribute("src"), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.points = await answer.json();
      this.draw();
    } catch {
      this.value.textContent = "The points could not be loaded. Reload the page to try again.";
    }
  }

  draw() {
    if (!this.points || !window.uPlot) return;
    this.plot?.destroy();
    const isLog = this.getAttribute("scale") === "log";
    const values = isLog ? this.points.values.map((value) => (value > 0 ? value : null)) : this.points.values;
    this.plot = new window.uPlot(this.options(isLog), [this.points.steps, values], this);
    this.tell(null);
  }

  options(isLog) {
    const colour = (name) => getComputedStyle(this).getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--plot-grid"), width: 1 }, ticks: { show: false }, font: "11px Inter, sans-serif" };
    const few = this.points.steps.length < 40;
    return {
      width: this.clientWidth - 16,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: isLog ? { distr: 3 } : {} },
      axes: [{ ...axis, size: 26 }, { ...axis, size: 48, values: (_, splits) => splits.map(short) }],
      series: [{}, { stroke: colour("--plot-1"), width: 1.5, points: { show: few, size: 5, fill: colour("--plot-1") } }],
      hooks: { setCursor: [(plot) => this.tell(plot.cursor.idx)] },
    };
  }

  tell(index) {
    const { steps, values } = this.points;
    const at = index ?? values.length - 1;
    if (at < 0) return;
    const shown = values[at] === null ? "NaN" : String(values[at]);
    this.value.textContent = `step ${steps[at].toLocaleString("en")}  ${shown}`;
  }
}

function short(value) {
  if (value === null || value === undefined) return "";
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-3) ? value.toExponential(0) : String(Number(value.toPrecision(4)));
}

/* <chart-scale>: one switch for all charts of the page. */
class ChartScale extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", (event) => {
      const isLog = event.target.getAttribute("aria-pressed") !== "true";
      event.target.setAttribute("aria-pressed", String(isLog));
      for (const chart of document.querySelectorAll("metric-chart")) chart.setAttribute("scale", isLog ? "log" : "linear");
    });
  }
}

customElements.define("metric-chart", MetricChart);
customElements.define("chart-scale", ChartScale);
