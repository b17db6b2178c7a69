/* Numbers, times and durations as charts write them. */
export function short(value) {
  if (value === null || value === undefined) return "";
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-3) ? value.toExponential(size >= 1e5 && value % 1e5 ? 1 : 0) : String(Number(value.toPrecision(4)));
}

export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (Math.abs(seconds) < 120) return `${Number(seconds.toPrecision(3))} s`;
  if (Math.abs(seconds) < 7200) return `${Number((seconds / 60).toPrecision(3))} min`;
  return `${Number((seconds / 3600).toPrecision(3))} h`;
}

export function place(axis, value) {
  if (axis === "time") return new Date(value).toISOString().replace("T", " ").slice(0, 19);
  if (axis === "relative") return duration(value);
  return axis === "step" ? `step ${Math.round(value).toLocaleString("en")}` : `${axis} ${short(value)}`;
}
