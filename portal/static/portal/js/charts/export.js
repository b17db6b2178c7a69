/* A chart as a file: PNG as it is seen, SVG drawn anew, CSV of the points; or the chart over the whole screen. */
import { short } from "./format.js";

export function save(how, section) {
  const chart = section.querySelector("run-chart");
  if (how === "full") return document.fullscreenElement ? document.exitFullscreen() : section.requestFullscreen();
  if (!chart?.plot) return null;
  const name = chart.key.replaceAll(/[^\w.-]+/g, "-");
  if (how === "csv") return download(`${name}.csv`, new Blob([csv(chart)], { type: "text/csv" }));
  if (how === "svg") return download(`${name}.svg`, new Blob([svg(chart)], { type: "image/svg+xml" }));
  return png(chart).toBlob((blob) => download(`${name}.png`, blob));
}

function download(name, blob) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const quoted = (text) => (/^[=+\-@\t]/.test(text) ? `"'${text.replaceAll('"', '""')}"` : `"${text.replaceAll('"', '""')}"`);

function csv({ answer, board, key }) {
  const columns = answer.is_exact ? ["first"] : ["end", "first", "low", "high", "last", "mean", "count"];
  const names = answer.is_exact ? [key] : columns.map((name) => (name === "end" ? `${board.axisName} until` : `${key} ${name}`));
  const lines = [["run", "name", board.axisName, ...names].map(quoted).join(",")];
  for (const run of answer.runs.filter(({ id }) => board.isShown(id))) {
    const { name } = board.named(run.id);
    run.x.forEach((x, index) => lines.push([run.id, quoted(name), x, ...columns.map((column) => run[column][index] ?? "NaN")].join(",")));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function png({ plot, key }) {
  const source = plot.ctx.canvas, head = 26 * devicePixelRatio;
  const canvas = Object.assign(document.createElement("canvas"), { width: source.width, height: source.height + head });
  const ink = canvas.getContext("2d"), style = getComputedStyle(document.body);
  ink.fillStyle = style.backgroundColor;
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.fillStyle = style.color;
  ink.font = `600 ${13 * devicePixelRatio}px Inter, sans-serif`;
  ink.fillText(key, 10 * devicePixelRatio, 18 * devicePixelRatio);
  ink.drawImage(source, 0, head);
  return canvas;
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function svg({ plot, key }) {
  const box = { left: plot.over.offsetLeft, top: plot.over.offsetTop, width: plot.over.clientWidth, height: plot.over.clientHeight };
  const x = (value) => box.left + plot.valToPos(value, "x"), y = (value) => box.top + plot.valToPos(value, "y");
  const lines = plot.series.flatMap((series, number) => {
    if (!series.line) return [];
    let path = "", pen = "M";
    plot.data[number].forEach((value, index) => {
      if (value === undefined) return;
      if (value === null) pen = "M";
      else { path += `${pen}${x(plot.data[0][index]).toFixed(2)} ${y(value).toFixed(2)}`; pen = "L"; }
    });
    return [`<path d="${path}" fill="none" stroke="${series.line.colour}" stroke-width="1.6"><title>${escaped(series.line.name)}</title></path>`];
  });
  const ticks = plot.axes.flatMap((axis, number) => (axis._splits ?? []).map((value, index) => {
    const label = escaped(String(axis._values?.[index] ?? short(value)));
    return number === 0 ? `<text x="${x(value).toFixed(1)}" y="${box.top + box.height + 16}" text-anchor="middle">${label}</text>`
      : `<line x1="${box.left}" x2="${box.left + box.width}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#8884"/><text x="${box.left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${label}</text>`;
  }));
  const [width, height] = [plot.width, plot.height + 26];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 -26 ${width} ${height}" font-family="Inter, sans-serif" font-size="11" fill="#56606b"><title>${escaped(key)}</title><text x="10" y="-8" font-weight="600" font-size="13">${escaped(key)}</text><clipPath id="c"><rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}"/></clipPath>${ticks.join("")}<g clip-path="url(#c)">${lines.join("")}</g></svg>`;
}
