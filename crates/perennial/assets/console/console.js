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
    labels: rows.map((row) => row.cells[0].dataset.label || row.cells[0].textContent.trim()),
    titles: rows.map((row) => row.cells[0].textContent.trim()),
    series: names.map((name, at) => ({ name, values: rows.map((row) => Number(row.cells[at + 1].dataset.value)) })),
  };
}

const drawn = new Map();

function drawChart(place) {
  const { labels, titles, series } = readTable(document.getElementById(place.dataset.table));
  const stacked = place.dataset.plot === "stack";
  const bars = place.dataset.plot === "bars";
  const colours = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(colour);
  const text = colour("--muted");
  const line = colour("--line");
  place.classList.add("drawn");
  const chart = drawn.get(place) || echarts.init(place, null, { renderer: "canvas" });
  drawn.set(place, chart);
  chart.setOption(
    {
      animation: false,
      aria: { enabled: false },
      color: stacked ? [colours[2], colours[5], colours[4], colours[0], colours[3], colours[1]] : colours,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      grid: { left: 8, right: 16, top: 40, bottom: 6, containLabel: true },
      legend: { type: "scroll", top: 0, left: 0, itemGap: 18, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: { color: colour("--text"), fontSize: 12 }, pageTextStyle: { color: text } },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--card"), borderColor: line, textStyle: { color: colour("--text"), fontSize: 12 },
        formatter: (points) => [titles[points[0].dataIndex], ...points.map((point) => `${point.seriesName}  ${full(point.value)}`)].join("\n"),
      },
      xAxis: { type: "category", data: labels, boundaryGap: bars, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: text, fontSize: 11.5, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" } },
      yAxis: { type: "value", splitNumber: 4, ...(Math.max(...series.flatMap(({ values }) => values)) === 100 ? { max: 100 } : {}), splitLine: { lineStyle: { color: line } }, axisLabel: { color: text, fontSize: 11.5, formatter: compact } },
      series: series.map(({ name, values }, at) => ({
        name, type: bars ? "bar" : "line", barMaxWidth: 36, data: values, symbol: "circle", symbolSize: 5, showSymbol: values.length < 3,
        lineStyle: { width: stacked ? 1 : 2, type: stacked ? "solid" : ["solid", "dashed", "dotted"][at % 3] },
        ...(stacked ? { stack: "all", areaStyle: { opacity: 0.75 } } : {}),
        emphasis: { focus: "series" },
      })),
    },
    true,
  );
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
