/* From the buckets of curves to lines on one x axis, as uPlot draws them.
   `null` is a gap (NaN was logged), `undefined` is a place where only other lines have a point. */
const SLOTS = 4;

/* The standard de-biased moving average. A bucket of many points weighs as much as they do, so that the line
   stays where it is when a zoom refines the buckets. */
export function smoothed(values, counts, weight) {
  let mean = 0, total = 0;
  return values.map((value, index) => {
    if (value === null || value === undefined) return value;
    const kept = weight ** (counts ? counts[index] : 1);
    mean = kept * mean + (1 - kept) * value;
    total = kept * total + (1 - kept);
    return total ? mean / total : value;
  });
}

/* {x, lines: [{id, y, smooth, low?, high?}]} of an answer of /runs/curves. */
export function assemble(answer, { weight = 0, groups = null, shown = () => true } = {}) {
  const runs = answer.runs.filter((run) => shown(run.id)).map(complete);
  const axis = answer.is_exact ? exactAxis(runs) : gridAxis(answer, runs);
  const lines = runs.map((run) => line(run, axis, weight));
  return { x: axis.x, lines: groups ? grouped(lines, runs, axis, groups, weight) : lines };
}

function complete(run) {
  return run.count ? run : { ...run, end: run.x, low: run.first, high: run.first, last: run.first, mean: run.first, count: null };
}

function exactAxis(runs) {
  const x = [...new Set(runs.flatMap((run) => run.x))].sort((a, b) => a - b);
  const place = new Map(x.map((value, index) => [value, index]));
  return { x, of: (run, index) => place.get(run.x[index]), slots: 1 };
}

/* Buckets are alike for all runs: each takes four places, for its first, lowest, highest and last value. */
function gridAxis(answer, runs) {
  const least = Math.min(...runs.map((run) => run.at[0]));
  const most = Math.max(...runs.map((run) => run.at.at(-1)));
  const x = [];
  for (let at = least; at <= most; at += 1) {
    for (let slot = 0; slot < SLOTS; slot += 1) x.push(answer.from + (at + slot / SLOTS) * answer.width);
  }
  return { x, of: (run, index) => (run.at[index] - least) * SLOTS, slots: SLOTS, width: answer.width, from: answer.from };
}

function line(run, axis, weight) {
  const y = new Array(axis.x.length), means = new Array(axis.x.length);
  const even = weight ? smoothed(run.mean, run.count, weight) : null;
  run.at.forEach((at, index) => {
    const start = axis.of(run, index);
    if (axis.slots === 1 || run.count?.[index] === 1) {
      const slot = axis.slots === 1 ? 0 : Math.min(SLOTS - 1, Math.max(0, Math.floor(((run.x[index] - axis.from) / axis.width - at) * SLOTS)));
      y[start + slot] = run.first[index];
    } else {
      const rises = run.last[index] >= run.first[index];
      y[start] = run.first[index];
      y[start + 1] = rises ? run.low[index] : run.high[index];
      y[start + 2] = rises ? run.high[index] : run.low[index];
      y[start + 3] = run.last[index];
    }
    if (even) means[start + (axis.slots === 1 ? 0 : SLOTS / 2)] = even[index];
  });
  return { id: run.id, y, smooth: even && means };
}

/* The mean of each group, and the band from its lowest to its highest value. */
function grouped(lines, runs, axis, groups, weight) {
  return [...groups].map(([id, members]) => {
    const of = runs.filter((run) => members.has(run.id));
    const sums = new Array(axis.x.length), low = new Array(axis.x.length), high = new Array(axis.x.length), count = new Map();
    for (const run of of) {
      run.at.forEach((_, index) => {
        const place = axis.of(run, index);
        if (run.mean[index] === null) return;
        sums[place] = (sums[place] ?? 0) + run.mean[index];
        count.set(place, (count.get(place) ?? 0) + 1);
        low[place] = Math.min(low[place] ?? Infinity, run.low[index]);
        high[place] = Math.max(high[place] ?? -Infinity, run.high[index]);
      });
    }
    const y = sums.map((sum, place) => sum / count.get(place));
    return { id, y: weight ? smoothed(y, null, weight) : y, smooth: null, low, high };
  }).filter((group) => group.y.some((value) => value !== undefined));
}

/* Another metric as the x axis: both were asked for over the same steps, so their buckets belong together. */
export function against(answer, other) {
  const across = new Map(other.runs.map((run) => {
    const values = run.mean ?? run.first;
    return [run.id, new Map(run.at.map((at, index) => [at, values[index]]))];
  }));
  const runs = answer.runs.filter((run) => across.has(run.id)).map((run) => {
    const pairs = run.at.map((at, index) => [across.get(run.id).get(at), (run.mean ?? run.first)[index]]);
    const known = pairs.filter(([x]) => x !== undefined && x !== null).sort((a, b) => a[0] - b[0]);
    return { id: run.id, at: known.map((_, index) => index), x: known.map(([x]) => x), first: known.map(([, y]) => y) };
  }).filter((run) => run.at.length);
  return { ...answer, is_exact: true, runs };
}

/* Where a line is best: {index, value}. */
export function best(values, isLess) {
  let found = null;
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    if (!found || (isLess ? value < found.value : value > found.value)) found = { index, value };
  });
  return found;
}

/* The range without the outermost hundredth on either side. */
export function withoutOutliers(columns) {
  const values = columns.flat().filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
  if (values.length < 20) return null;
  const low = values[Math.floor(values.length * 0.01)], high = values[Math.ceil(values.length * 0.99) - 1];
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - room, high + room];
}
