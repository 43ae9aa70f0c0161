// The member portal: every page in both languages, both themes, on a desktop and on a phone; then what a member does
// there. The code to sign in with is read where the demo writes it: in the server's log.

import { join } from "node:path";
import { readFileSync } from "node:fs";
import { SCREENSHOTS, expect, judge, launch, readServer, report, run, sizes, watch } from "./browser.mjs";

const [, , serverFile, logFile, ...parts] = process.argv;
const server = readServer(serverFile);
const base = server.card.replace(/\/card$/, "");
const browser = await launch();
const began = Date.now();

async function context(options = {}) {
  const { language = "en", scheme = "light", viewport = sizes.phone, state } = options;
  const made = await browser.newContext({ locale: language, colorScheme: scheme, viewport, storageState: state });
  made.setDefaultTimeout(15_000);
  return made;
}

/** The codes in the log so far, oldest first. */
const codes = () => [...readFileSync(logFile, "utf8").matchAll(/sign-in code (\d{6}) for mem_/g)].map((found) => found[1]);

/** Asks for a code as somebody would who types this. */
async function ask(page, identifier) {
  await page.fill("#identifier", identifier);
  await page.click(".door button.main");
  await page.waitForURL(/sign-in\/code/);
}

async function signIn(page, identifier) {
  const before = codes().length;
  await ask(page, identifier);
  for (let wait = 0; codes().length === before && wait < 100; wait += 1) await page.waitForTimeout(50);
  await page.fill("#code", codes().at(-1));
  await page.click(".door button.main");
  await page.waitForURL((url) => !url.pathname.includes("sign-in"));
}

/** Points that can be spent, as the page of rewards says. */
async function spendable(page) {
  await page.goto(`${base}/card/rewards`);
  return Number((await page.innerText(".page-head > p")).replace(/\D/g, ""));
}

/** A member who is signed in, with a reward redeemed and one to redeem. */
async function prepare() {
  const made = await context();
  const page = await made.newPage();
  watch(page, () => "preparation");
  await page.goto(`${base}/card/history`);
  await signIn(page, server.member);
  expect(page.url() === `${base}/card/history`, "preparation", `after signing in the page is ${page.url()}`);
  const entry = await page.locator(".row-entry a", { hasText: "Purchase" }).first().getAttribute("href");
  await page.goto(`${base}/card/rewards`);
  const reward = await page.getAttribute(".offer a.button", "href");
  await page.goto(base + reward);
  await page.click(".confirm button.main");
  await page.waitForURL(/redemptions\/\d+/);
  const redemption = new URL(page.url()).pathname;
  const state = await made.storageState();
  await made.close();
  return { state, entry, reward, redemption };
}

const known = await prepare();
const pages = {
  "card": "/card",
  "card-points": "/card/points",
  "card-rewards": "/card/rewards",
  "card-confirm": known.reward,
  "card-redemptions": "/card/redemptions",
  "card-redemption": known.redemption,
  "card-history": "/card/history",
  "card-entry": known.entry,
  "card-missing": "/card/nothing-here",
};

/** What judges every page of the portal besides what judges all pages. */
async function judgeCard(page, where, language, size) {
  await judge(page, where, language);
  const found = await page.evaluate(() => ({
    scripts: document.scripts.length,
    small: [...document.querySelectorAll(".tabs a, main a.button, main button, .switch a, summary")].filter((part) => {
      const box = part.getBoundingClientRect();
      return box.width > 0 && box.height < 43.5;
    }).map((part) => part.outerHTML.slice(0, 80)),
  }));
  expect(found.scripts === 0, where, `${found.scripts} scripts`);
  expect(size !== "phone" || found.small.length === 0, where, `targets below 44 px: ${found.small}`);
}

async function tour(language, scheme, size, viewport) {
  const made = await context({ language, scheme, viewport, state: known.state });
  const page = await made.newPage();
  let where = "";
  watch(page, () => where, (url) => url.endsWith("/nothing-here"));
  for (const [name, path] of Object.entries(pages)) {
    where = `${name} ${language} ${scheme} ${size}`;
    await page.goto(base + path, { waitUntil: "networkidle" });
    await judgeCard(page, where, language, size);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${language}-${scheme}-${size}.png`), fullPage: true });
  }
  await page.goto(`${base}/card`);
  await page.click(".settings summary");
  await judgeCard(page, `settings ${language} ${scheme} ${size}`, language, size);
  await page.screenshot({ path: join(SCREENSHOTS, `card-settings-${language}-${scheme}-${size}.png`) });
  await made.close();
  const stranger = await context({ language, scheme, viewport });
  const door = await stranger.newPage();
  watch(door, () => where);
  where = `card-sign-in ${language} ${scheme} ${size}`;
  await door.goto(`${base}/card`, { waitUntil: "networkidle" });
  await judgeCard(door, where, language, size);
  await door.screenshot({ path: join(SCREENSHOTS, `card-sign-in-${language}-${scheme}-${size}.png`), fullPage: true });
  where = `card-code ${language} ${scheme} ${size}`;
  // A number of nobody, another one each time: nobody's codes are counted as well.
  await ask(door, `+861390000${String(1000 + Math.floor(Math.random() * 9000))}`);
  await judgeCard(door, where, language, size);
  await door.screenshot({ path: join(SCREENSHOTS, `card-code-${language}-${scheme}-${size}.png`), fullPage: true });
  await stranger.close();
}

/** The narrowest phones. */
async function narrow() {
  const made = await context({ viewport: { width: 320, height: 640 }, state: known.state });
  const page = await made.newPage();
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(base + path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow <= 0, `${name} at 320 px`, `wider than the window by ${overflow} px`);
  }
  await made.close();
}

async function flows() {
  const made = await context({ state: known.state });
  const page = await made.newPage();
  let where = "a reward, clicked twice";
  watch(page, () => where, (url) => url.endsWith("/code"));
  const before = await spendable(page);
  await page.goto(`${base}/card/redemptions`);
  const had = await page.locator(".redemption-row").count();
  await page.goto(base + known.reward);
  const price = Number((await page.innerText(".confirm button.main")).replace(/\D/g, ""));
  await page.dblclick(".confirm button.main");
  await page.waitForURL(/redemptions\/\d+/);
  expect(/is yours/.test(await page.innerText(".notice")), where, "no notice");
  const mine = new URL(page.url()).pathname;
  await page.goto(`${base}/card/redemptions`);
  expect((await page.locator(".redemption-row").count()) === had + 1, where, "not redeemed once");
  expect((await spendable(page)) === before - price, where, "not paid once");

  where = "taken back";
  await page.goto(base + mine);
  await page.dblclick(".confirm button.danger");
  await page.waitForURL(/done=cancelled/);
  expect(/Taken back/.test(await page.innerText(".badge")), where, "the state did not change");
  expect((await page.locator(".confirm button.danger").count()) === 0, where, "it can be taken back again");
  expect((await spendable(page)) === before, where, "the points did not come back once");

  where = "history";
  await page.goto(`${base}/card/history`);
  const titles = await page.locator(".row-entry h3").allInnerTexts();
  expect(titles[0] === "Redemption cancelled" && titles[1] === "Reward redeemed", where, `the newest are ${titles.slice(0, 2)}`);
  await page.click(".row-entry h3 a >> nth=1");
  await page.waitForURL(/history\/\d+/);
  expect(/It cost/.test(await page.innerText(".sentences")), where, "no reason");
  await page.goto(`${base}/card/history`);
  await page.click(".pager a");
  await page.waitForURL(/after=/);
  expect((await page.locator(".row-entry").count()) > 3, where, "no second page");

  where = "points";
  await page.goto(`${base}/card/points`);
  await page.click(".end summary >> nth=0");
  expect(/Earned on/.test(await page.innerText(".end >> nth=0")), where, "no lots");

  where = "language and theme";
  await page.goto(`${base}/card/points`);
  await page.click(".preferences button");
  await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
  expect(page.url() === `${base}/card/points`, where, `left the page for ${page.url()}`);
  const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click(".settings summary");
  await page.click(".themes button[value=dark]");
  await page.waitForFunction((old) => getComputedStyle(document.body).backgroundColor !== old, colour);
  await page.click(".preferences button");
  await page.waitForFunction(() => document.documentElement.lang === "en");

  where = "by keyboard";
  await page.goto(`${base}/card`);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement.matches(".skip")), where, "the skip link is not first");
  const seen = [];
  for (let stop = 0; stop < 9; stop += 1) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate(() => ({ tab: document.activeElement.closest(".tabs")?.tagName, outlined: getComputedStyle(document.activeElement).outlineStyle !== "none" || getComputedStyle(document.activeElement, "::after").outlineStyle !== "none", what: document.activeElement.outerHTML.slice(0, 60) })));
  }
  expect(seen.filter((stop) => stop.tab).length === 4, where, "Tab does not lead through the places");
  expect(seen.every((stop) => stop.outlined), where, `no focus on ${seen.find((stop) => !stop.outlined)?.what}`);

  where = "forged form";
  const forged = await page.request.post(`${base}/card/sign-out`, { form: { csrf: "x" }, headers: { "Sec-Fetch-Site": "cross-site" } });
  expect(forged.status() === 403, where, `a request from elsewhere answers ${forged.status()}`);

  where = "sign out";
  await page.click(".settings summary");
  await page.click(".sign-out");
  await page.waitForURL(/sign-in/);
  await page.goto(`${base}/card/points`);
  expect(page.url().includes("sign-in"), where, "still signed in");

  where = "a wrong code";
  await ask(page, server.member);
  await page.fill("#code", "000 000".replaceAll("0", codes().at(-1).startsWith("0") ? "1" : "0"));
  await page.click(".door button.main");
  await page.waitForSelector("#error");
  await judgeCard(page, where, "en", "phone");
  await page.fill("#code", codes().at(-1));
  await page.click(".door button.main");
  await page.waitForURL((url) => !url.pathname.includes("sign-in"));
  await made.close();
}

await run(parts, { tour, narrow, flows });
await browser.close();
report("portal", began);
