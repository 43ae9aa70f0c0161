// Opening pages in Chromium and judging them: nothing on the console, nothing failed, nothing axe objects to, nothing
// wider than the window, nothing untranslated.

import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const SCREENSHOTS = join(here, "../../target/screenshots");
mkdirSync(SCREENSHOTS, { recursive: true });

/** The lines `name: value` a server prints before `ready`. */
export function readServer(path) {
  const lines = readFileSync(path, "utf8").split("\n").map((line) => line.match(/^([\w ]+): (.*)$/));
  return Object.fromEntries(lines.filter(Boolean).map((found) => [found[1], found[2].trim()]));
}

/** Asks the API with the key a demo prints. */
export async function ask(server, path, options = {}) {
  const headers = { Authorization: `Bearer ${server.key}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  const answer = await fetch(`${server.api}${path}`, { ...options, headers });
  return { status: answer.status, body: await answer.json() };
}

/** Issues vouchers of a template: their codes. */
export async function issue(server, template, quantity, members = []) {
  const batch = { reference: crypto.randomUUID(), template, ...(members.length ? { members } : { quantity }) };
  const issued = await ask(server, "/voucher-batches", { method: "POST", body: JSON.stringify(batch) });
  expect(issued.status === 201, "preparation", `issuing answers ${issued.status} ${JSON.stringify(issued.body).slice(0, 300)}`);
  return issued.body.vouchers.map((voucher) => voucher.code);
}

/** Chromium; as root its sandbox cannot start. */
export function launch() {
  const root = process.getuid?.() === 0;
  const args = root ? ["--no-sandbox", "--disable-dev-shm-usage"] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** What went wrong, gathered so that one run reports all of it. */
export const faults = [];
export const fault = (where, what) => faults.push(`${where}: ${what}`);
export let checks = 0;

/** Notes a fault unless something holds. */
export function expect(holds, where, what) {
  checks += 1;
  if (!holds) fault(where, what);
}

/** Watches a page; answers with an expected status are named by the caller. */
export function watch(page, where, expected = () => false) {
  page.on("console", (message) => {
    const about = message.location().url;
    if (["error", "warning"].includes(message.type()) && !expected(about)) fault(where(), `console: ${message.text()} ${about}`);
  });
  page.on("pageerror", (error) => fault(where(), `script: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // Leaving a page ends what it was still fetching: that is the browser's own doing. A server that fails is not
    // "aborted" but refused, reset, empty or timed out.
    if (reason !== "net::ERR_ABORTED") fault(where(), `request failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !expected(response.url())) fault(where(), `${response.status()} ${response.url()}`);
  });
}

/** Judges the page that is open. */
export async function judge(page, where, language) {
  await page.evaluate(axeSource);
  const found = await page.evaluate((tags) => axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }), TAGS);
  expect(found.passes.length > 5, where, "axe found nothing to look at");
  for (const violation of found.violations) {
    for (const node of violation.nodes.slice(0, 3)) {
      fault(where, `axe ${violation.id}: ${node.target.join(" ")} ${node.any[0]?.message ?? violation.help}`);
    }
  }
  const layout = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll("main *")].filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest(".scroll, pre")).slice(0, 3).map((part) => `${part.tagName}.${part.className}`),
    text: document.body.innerText,
    lang: document.documentElement.lang,
    h1: document.querySelectorAll("h1").length,
    small: [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")].filter((part) => {
      const box = part.getBoundingClientRect();
      return box.width > 0 && (box.height < 23.5 || box.width < 23.5) && !part.closest("p, li, label, td, th") && !part.matches(".skip, [type=checkbox]");
    }).map((part) => part.outerHTML.slice(0, 90)),
  }));
  expect(layout.overflow <= 0, where, `wider than the window by ${layout.overflow} px: ${layout.wide}`);
  expect(!/⟦|⟧|\{\{|\}\}/.test(layout.text), where, `untranslated: ${layout.text.match(/.{0,30}[⟦{].{0,40}/)?.[0]}`);
  expect(layout.lang === language, where, `lang is ${layout.lang}`);
  expect(layout.h1 === 1, where, `${layout.h1} first-level headings`);
  expect(layout.small.length === 0, where, `targets below 24 px: ${layout.small.slice(0, 3)}`);
}

/** How long a page may take, in milliseconds: machines that work on something else are slow. */
export const PATIENCE = 120_000;

/** Waits until a page is at an address. One of two clicks may take the page of the other away, which is no fault. */
export async function arrive(page, address) {
  for (const began = Date.now(); !address.test(page.url()); await new Promise((done) => setTimeout(done, 50))) {
    if (Date.now() - began > PATIENCE) throw new Error(`${page.url()} is not ${address}`);
  }
  await page.waitForLoadState("load");
}

/** The windows pages are looked at in. */
export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Does a part and answers what it answers; what it throws is a fault. */
export async function attempt(name, work) {
  try {
    return await work();
  } catch (error) {
    const line = error.stack?.match(/(?!browser)\b[\w-]+\.mjs:\d+/)?.[0] ?? "";
    fault(name, `${error.message.split("\n").slice(0, 4).join(" ")} ${line}`);
    return undefined;
  }
}

/** Languages, schemes and sizes to read pages in: four of the eight, in which any two of them meet; in the long run all. */
function readings() {
  const all = ["zh-CN", "en"].flatMap((language) => ["light", "dark"].flatMap((scheme) => Object.keys(sizes).map((size) => [language, scheme, size])));
  const meets = ([language, scheme, size]) => (language === "zh-CN") === ((scheme === "light") === (size === "desktop"));
  return process.env.PERENNIAL_LONG ? all : all.filter(meets);
}

/** Runs the named parts, or all: `tour` in both languages, both themes and both windows, the others once. */
export async function run(named, { tour, ...others }) {
  const wanted = (part) => named.length === 0 || named.includes(part);
  for (const [language, scheme, size] of wanted("tour") ? readings() : []) {
    await attempt(`tour ${language} ${scheme} ${size}`, () => tour(language, scheme, size, sizes[size]));
  }
  for (const [name, work] of Object.entries(others)) {
    if (wanted(name)) await attempt(name, work);
  }
}

/** Says what was found. */
export function report(what, began) {
  console.log(`${what}: ${checks} checks in ${Math.round((Date.now() - began) / 1000)} s, ${faults.length} faults; screenshots in target/screenshots`);
  for (const line of new Set(faults)) console.error(line);
  process.exitCode = faults.length ? 1 : 0;
}
