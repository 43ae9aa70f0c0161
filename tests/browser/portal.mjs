// The member portal: every page in both languages, both themes, on a desktop and on a phone; then what a member does
// there. The code to sign in with is read where the demo writes it: in the server's log.

import { join } from "node:path";
import { readFileSync } from "node:fs";
import { PATIENCE, SCREENSHOTS, arrive, ask as askApi, expect, issue, judge, launch, readServer, report, run, sizes, watch } from "./browser.mjs";

const [, , serverFile, logFile, ...parts] = process.argv;
const server = readServer(serverFile);
const base = server.card.replace(/\/card$/, "");
const browser = await launch();
const began = Date.now();

async function context(options = {}) {
  const { language = "en", scheme = "light", viewport = sizes.phone, state } = options;
  const made = await browser.newContext({ locale: language, colorScheme: scheme, reducedMotion: "reduce", viewport, storageState: state });
  made.setDefaultTimeout(PATIENCE);
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

/** The friend who is given points: a number nobody has, in each run another. */
const FRIEND = `+86138${String(began).slice(-8)}`;

/** Vouchers for the member, one of them used, one on paper; and a friend. */
async function prepareTerms() {
  const found = await askApi(server, `/members/lookup?kind=card&value=${server.member}`);
  const { id } = found.body;
  expect(Boolean(id), "preparation", `the member answers ${found.status} ${JSON.stringify(found.body).slice(0, 200)}`);
  const [used] = await issue(server, "birthday", 1, [id]);
  await issue(server, "birthday", 1, [id]);
  const use = { code: used, source: "shop", reference: crypto.randomUUID(), member: { card: server.member } };
  const redeemed = await askApi(server, "/vouchers/redeem", { method: "POST", body: JSON.stringify(use) });
  expect(redeemed.status === 200, "preparation", `redeeming answers ${redeemed.status} ${JSON.stringify(redeemed.body).slice(0, 200)}`);
  const enrolled = await askApi(server, "/members", { method: "POST", body: JSON.stringify({ profile: { name: "Han Mei" }, identifiers: [{ kind: "phone", value: FRIEND }] }) });
  expect(enrolled.status === 201, "preparation", `enrolling answers ${enrolled.status}`);
  return (await issue(server, "ten_off", 1))[0];
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

const paper = await prepareTerms();
const known = await prepare();
const pages = {
  "card": "/card",
  "card-points": "/card/points",
  "card-vouchers": "/card/vouchers",
  "card-transfers": "/card/transfers",
  "card-clubs": "/card/clubs",
  "card-rewards": "/card/rewards",
  "card-confirm": known.reward,
  "card-redemptions": "/card/redemptions",
  "card-redemption": known.redemption,
  "card-history": "/card/history",
  "card-entry": known.entry,
  "card-statement": "/card/statement",
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
    if (name === "card-vouchers") await page.click(".voucher-card summary >> nth=0");
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

/** Two who pool their points: each sees the pool, one spends from it, the other is told why not. */
async function household() {
  const post = async (path, body) => {
    const answer = await askApi(server, path, { method: "POST", body: JSON.stringify(body) });
    expect(answer.status === 201, "household", `${path} answers ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    return answer.body.receipt?.member_id;
  };
  const home = await post("/households", { name: "The Chen family" });
  const phones = ["Yi Chen", "Er Chen"].map((name, at) => [name, `+86137${String(began + at).slice(-8)}`, at === 0]);
  for (const [name, phone, spends] of phones) {
    const member = await post("/members", { profile: { name }, identifiers: [{ kind: "phone", value: phone }] });
    await post(`/members/${member}/adjustments`, { unit: "points", points: 900, reason: "goodwill", note: "welcome", occurred_at: new Date().toISOString() });
    await post(`/households/${home}/members`, { member: { id: member }, may_spend: spends });
  }
  for (const [, phone, spends] of phones) {
    for (const [language, scheme, size] of [["en", "light", "desktop"], ["zh-CN", "dark", "phone"]]) {
      const made = await context({ language, scheme, viewport: sizes[size] });
      const page = await made.newPage();
      let where = "household";
      watch(page, () => where);
      await page.goto(`${base}/card`);
      await signIn(page, phone);
      for (const path of ["/card", "/card/points", "/card/rewards", "/card/transfers", "/card/redemptions?of=household", "/card/history"]) {
        where = `household ${path} ${language} ${size} ${spends ? "spends" : "looks on"}`;
        await page.goto(base + path, { waitUntil: "networkidle" });
        await judgeCard(page, where, language, size);
        const name = `household${path.replace(/\W+/g, "-")}-${language}-${size}-${spends ? "spends" : "looks"}.png`;
        await page.screenshot({ path: join(SCREENSHOTS, name), fullPage: true });
      }
      if (language === "en") {
        await page.goto(`${base}/card`);
        const pool = await page.innerText("#pool");
        expect(/You share them with (Yi|Er)\./.test(pool) && !/137/.test(pool), where, pool);
        await page.goto(`${base}/card/rewards`);
        expect((await page.locator(".offer a.button").count() > 0) === spends, where, "who may spend can choose, nobody else");
        if (spends) {
          await page.click(".offer a.button >> nth=0");
          await page.click(".confirm button.main");
          await page.waitForURL(/redemptions\/household-\d+/);
          await judgeCard(page, where, language, size);
        }
      }
      await made.close();
    }
  }
}

async function flows() {
  const made = await context({ state: known.state });
  const page = await made.newPage();
  let where = "a reward, clicked twice";
  // What is refused on purpose answers so.
  watch(page, () => where, (url) => url.endsWith("/code") || url.endsWith("/card/vouchers") || url.endsWith("/card/transfers"));
  const before = await spendable(page);
  await page.goto(`${base}/card/redemptions`);
  const had = await page.locator(".redemption-row").count();
  await page.goto(base + known.reward);
  const price = Number((await page.innerText(".confirm button.main")).replace(/\D/g, ""));
  await page.dblclick(".confirm button.main");
  await arrive(page, /redemptions\/\d+/);
  expect(/is yours/.test(await page.innerText(".notice")), where, "no notice");
  const mine = new URL(page.url()).pathname;
  await page.goto(`${base}/card/redemptions`);
  expect((await page.locator(".redemption-row").count()) === had + 1, where, "not redeemed once");
  expect((await spendable(page)) === before - price, where, "not paid once");

  where = "taken back";
  await page.goto(base + mine);
  await page.dblclick(".confirm button.danger");
  await arrive(page, /done=cancelled/);
  expect(/Taken back/.test(await page.innerText(".badge")), where, "the state did not change");
  expect((await page.locator(".confirm button.danger").count()) === 0, where, "it can be taken back again");
  expect((await spendable(page)) === before, where, "the points did not come back once");

  where = "a voucher on paper, clicked twice";
  await page.goto(`${base}/card/vouchers`);
  const vouchers = await page.locator(".voucher-card").count();
  expect(vouchers >= 1 && (await page.locator(".past .badge.fulfilled").count()) >= 1, where, "what is used does not stand apart");
  await page.click(".voucher-card summary >> nth=0");
  expect((await page.locator(".voucher-card .qr path >> nth=0").getAttribute("d")).length > 500 && /^[0-9A-Z]{4}(-[0-9A-Z]{2,4}){3,}$/.test(await page.innerText(".voucher-code >> nth=0")), where, "no code to show");
  await page.fill("#code", paper.toLowerCase());
  await page.dblclick(".confirm button.main");
  await arrive(page, /done=registered/);
  expect((await page.locator(".voucher-card").count()) === vouchers + 1, where, "not added once");
  await page.fill("#code", "7XQ0-9M2T");
  const refusal = page.waitForResponse((response) => response.request().method() === "POST");
  await page.click(".confirm button.main");
  expect((await refusal).status() === 422, where, "a mistyped code is taken");
  await page.waitForSelector("#error");
  await judgeCard(page, `${where}, mistyped`, "en", "phone");
  await page.screenshot({ path: join(SCREENSHOTS, "card-vouchers-mistyped.png"), fullPage: true });

  where = "points given, clicked twice";
  await page.goto(`${base}/card/points`);
  await page.click("text=Give points");
  await page.waitForURL(/card\/transfers/);
  await page.fill("#to", FRIEND);
  await page.fill("#points", "100");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".pairs");
  await judgeCard(page, `${where}, to confirm`, "en", "phone");
  await page.screenshot({ path: join(SCREENSHOTS, "card-transfer-confirm.png"), fullPage: true });
  await page.dblclick(".confirm button.main");
  await arrive(page, /done=offered/);
  expect((await page.locator(".gift").count()) === 1 && !/Han Mei/.test(await page.innerText("main")), where, "not offered once, or the friend's name is told");
  const friend = await context({ viewport: sizes.phone });
  const theirs = await friend.newPage();
  watch(theirs, () => where);
  await theirs.goto(`${base}/card`);
  await signIn(theirs, FRIEND);
  await theirs.click("text=Points are offered to you");
  await theirs.waitForSelector(".gift");
  await judgeCard(theirs, `${where}, to be answered`, "en", "phone");
  await theirs.screenshot({ path: join(SCREENSHOTS, "card-transfer-received.png"), fullPage: true });
  await theirs.dblclick(".gift button.main");
  await arrive(theirs, /done=accepted/);
  await theirs.goto(`${base}/card`);
  expect(/^100/.test(await theirs.innerText(".balance-figure b")), where, `the friend has ${await theirs.innerText(".balance-figure")}`);
  await friend.close();
  await page.goto(`${base}/card/transfers`);
  expect((await page.locator(".gift").count()) === 0, where, "it waits still");
  expect((await spendable(page)) === before - 100, where, "not given once");
  await page.goto(`${base}/card/transfers`);
  await page.fill("#to", FRIEND);
  await page.fill("#points", "49");
  await page.click(".confirm button.main");
  await page.waitForSelector("#error");
  expect(/At least 50/.test(await page.innerText("#error")), where, "no reason");
  await judgeCard(page, `${where}, refused`, "en", "phone");

  where = "history";
  await page.goto(`${base}/card/history`);
  const titles = await page.locator(".row-entry h3").allInnerTexts();
  expect(titles[0] === "Points transferred" && titles[2] === "Redemption cancelled" && titles[3] === "Reward redeemed", where, `the newest are ${titles.slice(0, 4)}`);
  await page.click(".row-entry h3 a >> nth=3");
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

  where = "a club, joined and left, or left and joined";
  await page.goto(`${base}/card`);
  await page.click("text=See all clubs");
  await page.waitForURL(/card\/clubs/);
  for (let turn = 0; turn < 2; turn += 1) {
    const button = page.locator("#club-fitness button");
    const choice = await button.getAttribute("value");
    await button.click();
    await arrive(page, choice === "join" ? /done=joined/ : /done=left/);
    expect((await button.getAttribute("value")) !== choice, where, `${choice} did not change it`);
    expect(await page.locator(".notice").count() === 1, where, "no notice");
    await judgeCard(page, `${where}, after ${choice}`, "en", "phone");
  }

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
  for (let stop = 0; stop < 10; stop += 1) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate(() => ({ tab: document.activeElement.closest(".tabs")?.tagName, outlined: getComputedStyle(document.activeElement).outlineStyle !== "none" || getComputedStyle(document.activeElement, "::after").outlineStyle !== "none", what: document.activeElement.outerHTML.slice(0, 60) })));
  }
  expect(seen.filter((stop) => stop.tab).length === 5, where, "Tab does not lead through the places");
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

await run(parts, { tour, narrow, household, flows });
await browser.close();
report("portal", began);
