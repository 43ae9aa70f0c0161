// The console's own script: charts from their tables, focus and announcements after a part of the page changed.
// Every page works without it; charts then leave their tables.
"use strict";

const compact = (value) =>
  new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 }).format(value);
const full = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

/** The value a CSS variable has in the present theme. */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Labels, series and values, read from a table. */
function readTable(table) {
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  return {
    heading: table.tHead.rows[0].cells[0].textContent.trim(),
    labels: rows.map((row) => row.cells[0].dataset.label || row.cells[0].textContent.trim()),
    titles: rows.map((row) => row.cells[0].textContent.trim()),
    series: names.map((name, at) => ({ name, values: rows.map((row) => Number(row.cells[at + 1].dataset.value)) })),
  };
}

const drawn = new Map();

/** The colours of the present theme. */
function palette() {
  const [text, strong, line, card] = ["--muted", "--text", "--line", "--card"].map(colour);
  return { series: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(colour), text, strong, line, card };
}

/** What all charts share. */
function frame(paint) {
  return {
    animation: false,
    aria: { enabled: false },
    color: paint.series,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: paint.text },
    grid: { left: 8, right: 16, top: 40, bottom: 6, containLabel: true },
    legend: { type: "scroll", top: 0, left: 0, itemGap: 18, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: { color: paint.strong, fontSize: 12 }, pageTextStyle: { color: paint.text } },
    tooltip: { renderMode: "richText", confine: true, backgroundColor: paint.card, borderColor: paint.line, textStyle: { color: paint.strong, fontSize: 12 } },
  };
}

const numberAxis = (paint) => ({ type: "value", splitNumber: 4, splitLine: { lineStyle: { color: paint.line } }, axisLabel: { color: paint.text, fontSize: 11.5, formatter: compact } });
const groupAxis = (paint, labels, isBars) => ({ type: "category", data: labels, boundaryGap: isBars, axisTick: { show: false }, axisLine: { lineStyle: { color: paint.line } }, axisLabel: { color: paint.text, fontSize: 11.5, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" } });

/** Lines, areas one upon the other, or bars. */
function seriesChart({ labels, titles, series }, paint, kind) {
  const [stacked, bars] = [kind === "stack", kind === "bars"];
  const { tooltip, ...rest } = frame(paint);
  return {
    ...rest,
    color: stacked ? [2, 5, 4, 0, 3, 1].map((at) => paint.series[at]) : paint.series,
    tooltip: {
      ...tooltip, trigger: "axis",
      formatter: (points) => [titles[points[0].dataIndex], ...points.filter(({ value }) => Number.isFinite(value)).map((point) => `${point.seriesName}  ${full(point.value)}`)].join("\n"),
    },
    xAxis: groupAxis(paint, labels, bars),
    yAxis: { ...numberAxis(paint), ...(Math.max(...series.flatMap(({ values }) => values)) === 100 ? { max: 100 } : {}) },
    series: series.map(({ name, values }, at) => ({
      name, type: bars ? "bar" : "line", barMaxWidth: 36, data: values, symbol: "circle", symbolSize: 5, showSymbol: values.length < 3,
      lineStyle: { width: stacked ? 1 : 2, type: stacked ? "solid" : ["solid", "dashed", "dotted"][at % 3] },
      ...(stacked ? { stack: "all", areaStyle: { opacity: 0.75 } } : {}),
      emphasis: { focus: "series" },
    })),
  };
}

/** Lines over an axis whose places are numbers of their own, which is named as the series are. */
function curveChart(table, paint) {
  const chart = seriesChart(table, paint, "line");
  const named = { name: table.heading, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: paint.text } };
  return { ...chart, grid: { ...chart.grid, bottom: 24 }, xAxis: { ...chart.xAxis, ...named } };
}

/** The points of a map that have room for their names, those furthest out first. */
function withRoom(points) {
  const span = (at) => Math.max(...points.map((point) => point[at])) - Math.min(...points.map((point) => point[at])) || 1;
  const [width, height] = [span(0), span(1)];
  const named = [];
  const outwards = points.map((_, at) => at).sort((a, b) => Math.hypot(points[b][0] / width, points[b][1] / height) - Math.hypot(points[a][0] / width, points[a][1] / height));
  for (const at of outwards) {
    const isNear = (other) => Math.abs(points[other][0] - points[at][0]) < width * 0.16 && Math.abs(points[other][1] - points[at][1]) < height * 0.07;
    if (!named.some(isNear)) named.push(at);
  }
  return new Set(named);
}

/** Points: the first two columns are their coordinates. */
function mapChart({ titles, series: [across, up] }, paint) {
  const points = titles.map((_, at) => [across.values[at], up.values[at]]);
  const named = withRoom(points);
  const { tooltip, ...rest } = frame(paint);
  const axis = (name) => ({ ...numberAxis(paint), axisLine: { onZero: false, lineStyle: { color: paint.line } }, name, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: paint.text }, scale: true });
  return {
    ...rest,
    grid: { left: 24, right: 16, top: 12, bottom: 24, containLabel: true },
    tooltip: { ...tooltip, trigger: "item", formatter: ({ dataIndex, value }) => `${titles[dataIndex]}\n${value.map(full).join(" · ")}` },
    xAxis: axis(across.name),
    yAxis: axis(up.name),
    series: [{
      type: "scatter", symbolSize: 7, itemStyle: { opacity: 0.75 }, data: points,
      label: { show: true, position: "top", color: paint.text, fontSize: 10.5, formatter: ({ dataIndex }) => (named.has(dataIndex) ? titles[dataIndex] : "") },
    }],
  };
}

/** Every step is named, in several lines, where there is room for words. */
function waterfallAxis(paint, titles, width) {
  const axis = groupAxis(paint, titles, true);
  const room = (width - 80) / titles.length;
  if (room < 56) return axis;
  return { ...axis, axisLabel: { ...axis.axisLabel, hideOverlap: false, alignMinLabel: "center", alignMaxLabel: "center", interval: 0, width: room, overflow: "break" } };
}

/** From the sum of the first column to that of the second, by the changes in the third. */
function waterfallChart({ titles, series: [before, now, change] }, paint, _kind, width) {
  const steps = [{ title: before.name, from: 0, to: before.values.reduce((sum, value) => sum + value, 0) }];
  titles.forEach((title, at) => { const from = steps.at(-1).to; steps.push({ title, from, to: from + change.values[at] }); });
  steps.push({ title: now.name, from: 0, to: steps.at(-1).to });
  const { tooltip, legend, ...rest } = frame(paint);
  const shade = ({ from, to }, at) => (at === 0 || at === steps.length - 1 ? paint.series[2] : paint.series[to < from ? 1 : 0]);
  return {
    ...rest,
    grid: { left: 8, right: 16, top: 12, bottom: 6, containLabel: true },
    tooltip: { ...tooltip, trigger: "axis", formatter: ([{ dataIndex }]) => `${steps[dataIndex].title}  ${full(steps[dataIndex].to - steps[dataIndex].from)}` },
    xAxis: waterfallAxis(paint, steps.map(({ title }) => title), width),
    yAxis: numberAxis(paint),
    series: [
      { type: "bar", stack: "steps", silent: true, itemStyle: { color: "transparent" }, data: steps.map(({ from, to }) => Math.min(from, to)) },
      { type: "bar", stack: "steps", barMaxWidth: 48, data: steps.map((step, at) => ({ value: Math.abs(step.to - step.from), itemStyle: { color: shade(step, at) } })) },
    ],
  };
}

/** Bars of the first column, each with the range from the second to the third. */
function intervalChart({ labels, titles, series: [score, low, high] }, paint) {
  const bars = seriesChart({ labels, titles, series: [score] }, paint, "bars");
  const range = (_, at) => [{ coord: [at, low.values[at]], symbol: "none" }, { coord: [at, high.values[at]], symbol: "none" }];
  const isKnown = (at) => Number.isFinite(low.values[at]) && Number.isFinite(high.values[at]);
  const [{ emphasis, ...series }] = bars.series;
  return {
    ...bars,
    tooltip: {
      ...bars.tooltip,
      formatter: ([{ dataIndex: at }]) => [titles[at], ...[score, low, high].filter(({ values }) => Number.isFinite(values[at])).map(({ name, values }) => `${name}  ${full(values[at])}`)].join("\n"),
    },
    yAxis: { ...bars.yAxis, max: 100, interval: 25 },
    series: [{ ...series, markLine: { silent: true, animation: false, lineStyle: { type: "solid", width: 3, color: paint.strong }, data: labels.map(range).filter((_, at) => isKnown(at)) } }],
  };
}

/** A part of a drawing: its tag and attributes. */
function shape(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

/** The ends of streams on one side, one below the other: where each begins and how high it is. */
function stacked(streams, side, height, gap) {
  const ends = new Map();
  for (const stream of streams) ends.set(stream[side], (ends.get(stream[side]) ?? 0) + stream.width);
  for (const [name, width] of ends) if (width === 0) ends.delete(name);
  const sum = streams.reduce((all, stream) => all + stream.width, 0) || 1;
  const scale = (height - gap * (ends.size - 1)) / sum;
  let top = 0;
  for (const [name, width] of ends) {
    ends.set(name, { top, width, height: width * scale, used: 0, scale });
    top += width * scale + gap;
  }
  return ends;
}

/** Streams from the groups on the left to those on the right, as wide as the first column says; all columns are told of each. */
function drawStreams(place, { heading, titles, series }, paint) {
  const [width, height, head, bar, gap] = [place.clientWidth, place.clientHeight, 22, 10, 8];
  const streams = titles.map((title, at) => { const [from, to] = title.split(" → "); return { from, to, at, width: series[0].values[at] }; });
  const sides = [stacked(streams, "from", height - head, gap), stacked(streams, "to", height - head, gap)];
  const colours = new Map([...new Set([...sides[0].keys(), ...sides[1].keys()])].map((name, at) => [name, paint.series[at % paint.series.length]]));
  const drawing = shape("svg", { width, height, "aria-hidden": "true" });
  const label = (x, y, anchor, text, weight = 400) =>
    shape("text", { x, y, "text-anchor": anchor, fill: paint.strong, stroke: paint.card, "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round", "font-size": 12, "font-weight": weight }, text);
  for (const { from, to, at, width: wide } of streams.filter((stream) => stream.width > 0)) {
    const [left, right] = [sides[0].get(from), sides[1].get(to)];
    const [y, z] = [head + left.top + left.used + (wide * left.scale) / 2, head + right.top + right.used + (wide * right.scale) / 2];
    left.used += wide * left.scale;
    right.used += wide * right.scale;
    const path = shape("path", { d: `M${bar},${y}C${width / 2},${y} ${width / 2},${z} ${width - bar},${z}`, fill: "none", stroke: colours.get(from), "stroke-opacity": 0.4, "stroke-width": Math.max(1, wide * left.scale) });
    path.append(shape("title", {}, [titles[at], ...series.map(({ name, values }) => `${name}  ${full(values[at])}`)].join("\n")));
    drawing.append(path);
  }
  const sums = streams.reduce((all, stream) => all + stream.width, 0) || 1;
  sides.forEach((ends, side) => {
    const [x, text, anchor] = side === 0 ? [0, bar + 6, "start"] : [width - bar, width - bar - 6, "end"];
    drawing.append(label(side === 0 ? 0 : width, 13, anchor, heading.split(" → ")[side], 600));
    for (const [name, end] of ends) {
      drawing.append(shape("rect", { x, y: head + end.top, width: bar, height: Math.max(1, end.height), fill: colours.get(name) }));
      drawing.append(label(text, head + end.top + end.height / 2 + 4, anchor, [name, ...(width < 480 ? [] : [compact(end.width), "·"]), `${full(Math.round((1000 * end.width) / sums) / 10)}%`].join(" ")));
    }
  });
  place.replaceChildren(drawing);
}

const KINDS = { curve: curveChart, intervals: intervalChart, map: mapChart, waterfall: waterfallChart };

function drawChart(place) {
  const table = readTable(document.getElementById(place.dataset.table));
  const kind = place.dataset.plot;
  place.classList.add("drawn");
  if (kind === "sankey") {
    drawn.set(place, { resize: () => drawStreams(place, table, palette()) });
    return drawStreams(place, table, palette());
  }
  const chart = drawn.get(place) || echarts.init(place, null, { renderer: "canvas" });
  drawn.set(place, chart);
  chart.setOption((KINDS[kind] ?? seriesChart)(table, palette(), kind, place.clientWidth), true);
}

function drawCharts() {
  if (window.echarts) document.querySelectorAll("[data-plot]").forEach(drawChart);
}

/** After a swap: say what is there now, and put the focus on it where the reader asked for it. */
function afterSwap(event) {
  const context = event.detail?.ctx;
  const source = context?.sourceElement;
  const announced = [...document.querySelectorAll("[data-announce]")].filter((part) => !part.dataset.announced);
  for (const part of announced) part.dataset.announced = "yes";
  const last = announced.at(-1);
  if (last) document.getElementById("announcements").textContent = last.dataset.announce;
  const asked = source && (source.matches(".why") || source.closest(".pager") || !source.isConnected);
  if (asked && last && !source.matches("form")) {
    (last.matches("[data-focus]") ? last : last.querySelector("[data-focus]"))?.focus({ preventScroll: source.matches(".why") });
  }
}

/** Makes the parts that ask the server listen, and lets the search hear what was typed before it could. */
function listenNow() {
  // Left to itself it begins in a timer of its own, and what is done until then is lost.
  htmx.process(document.body);
  const field = document.activeElement;
  if (field.matches("input[type=search]") && field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A page that waits for an answer changes once, when the answer is there. */
async function waitForAnswer() {
  if (!document.querySelector("[data-working]")) return;
  try {
    const page = await (await fetch(location.href)).text();
    if (!page.includes("data-working")) return location.reload();
  } catch {
    // The server is away for a moment: ask again.
  }
  setTimeout(waitForAnswer, 1000);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-announce]").forEach((part) => { part.dataset.announced = "yes"; });
  listenNow();
  drawCharts();
  waitForAnswer();
});
document.addEventListener("htmx:after:swap", afterSwap);
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);

// "/" goes to the search field, as in other consoles.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
