/* One uPlot for the lines of a chart. */
import { duration, short } from "./format.js";
import { best, withoutOutliers } from "./series.js";

const MARKED_LINES = 30;

export function draw(element, view, { width, height, look, window, isLess, onZoom, onReset, onCursor }) {
  const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();
  const { data, series, bands } = columns(view, look);
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--plot-grid"), width: 1 }, ticks: { show: false }, font: "11px Inter, sans-serif" };
  const clipped = look.clip ? withoutOutliers(data.slice(1)) : null;
  const x = look.logx ? { time: false, distr: 3 } : { time: look.x === "time" };
  if (window) x.range = () => window;
  const y = look.log ? { distr: 3 } : {};
  if (clipped && !look.log) y.range = () => clipped;
  const plot = new globalThis.uPlot({
    width, height, ms: 1,
    legend: { show: false },
    focus: { alpha: 0.3 },
    cursor: {
      drag: { x: true, y: false, setScale: false }, focus: { prox: 24 }, y: true,
      sync: { key: "board", scales: ["x", null], setSeries: false },
      bind: { dblclick: () => () => { onReset(); return null; } },
      points: { size: 6 },
    },
    scales: { x, y },
    axes: [{ ...axis, size: 26, ...(look.x === "relative" ? { values: (_, splits) => splits.map(duration) } : look.x === "time" ? {} : { values: (_, splits) => splits.map(short) }) },
           { ...axis, size: 52, values: (_, splits) => splits.map(short) }],
    series: [{}, ...series],
    bands,
    hooks: {
      setSelect: [(self) => {
        if (self.select.width < 4) return;
        const [from, to] = [self.select.left, self.select.left + self.select.width].map((left) => self.posToVal(left, "x"));
        self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        onZoom(from, to);
      }],
      setCursor: [(self) => onCursor(self)],
      draw: [(self) => mark(self, view, look, isLess)],
    },
  }, data, element);
  return plot;
}

function columns(view, look) {
  const positive = (values) => (look.log ? values.map((value) => (value === undefined || value > 0 ? value : null)) : values);
  const keep = look.logx ? view.x.map((value) => value > 0) : null;
  const cut = (values) => (keep ? values.filter((_, index) => keep[index]) : values);
  const data = [cut(view.x)], series = [], bands = [];
  const few = view.x.length < 40;
  const add = (y, options) => { data.push(cut(positive(Array.from(y)))); series.push({ spanGaps: false, points: { show: few && options.width > 0 && !options.faint, size: 5, fill: options.stroke }, ...options }); };
  for (const line of view.lines) {
    if (line.low) {
      add(line.high, { stroke: "transparent", width: 0, line: null });
      add(line.low, { stroke: "transparent", width: 0, line: null });
      bands.push({ series: [series.length - 1, series.length], fill: `${line.colour}2e` });
    }
    if (line.smooth) add(line.y, { stroke: `${line.colour}40`, width: 1, faint: true, line: null });
    add(line.smooth ?? line.y, { stroke: line.colour, width: 1.6, dash: line.dash, line });
  }
  return { data, series, bands };
}

/* A ring at the best value of each line. */
function mark(plot, view, look, isLess) {
  if (!look.best || view.lines.length > MARKED_LINES) return;
  const { ctx } = plot, ratio = devicePixelRatio;
  plot.series.forEach((series, number) => {
    if (!series.line) return;
    const found = best(plot.data[number], isLess);
    if (!found) return;
    const x = plot.valToPos(plot.data[0][found.index], "x", true), y = plot.valToPos(found.value, "y", true);
    const { left, top, width, height } = plot.bbox;
    if (x < left || x > left + width || y < top || y > top + height) return;
    ctx.save();
    ctx.beginPath();
    ctx.arc(x, y, 4 * ratio, 0, 7);
    ctx.lineWidth = 2 * ratio;
    ctx.strokeStyle = series.line.colour;
    ctx.stroke();
    ctx.restore();
  });
}

/* The line and the place that the cursor is nearest to. */
export function underCursor(plot) {
  const { idx, idxs, top } = plot.cursor;
  if (idx === null || idx === undefined) return null;
  let found = null;
  plot.series.forEach((series, number) => {
    if (!series.line) return;
    const at = nearest(plot.data[number], idxs?.[number] ?? idx);
    if (at === null) return;
    const far = Math.abs(plot.valToPos(plot.data[number][at], "y") - (top ?? 0));
    if (!found || far < found.far) found = { far, line: series.line, at, x: plot.data[0][at], value: plot.data[number][at] };
  });
  return found;
}

function nearest(values, index) {
  for (let off = 0; off < values.length; off += 1) {
    for (const at of [index - off, index + off]) {
      if (values[at] !== null && values[at] !== undefined) return at;
    }
  }
  return null;
}
