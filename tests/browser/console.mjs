// Every page of the console in both languages, both themes, on a desktop and on a phone; then the keyboard, then what
// people do there. One process, one browser; all faults are reported at the end.

import { join } from "node:path";
import { readFileSync } from "node:fs";
import { PATIENCE, SCREENSHOTS, ask, expect, fault, issue, judge, launch, readServer, report, run, watch } from "./browser.mjs";

const server = readServer(process.argv[2]);
const base = server.console.replace(/\/$/, "");
const browser = await launch();
const began = Date.now();

async function context(options = {}) {
  const { language = "zh-CN", scheme = "light", viewport = { width: 1280, height: 800 }, state } = options;
  const made = await browser.newContext({ locale: language, colorScheme: scheme, reducedMotion: "reduce", viewport, storageState: state, acceptDownloads: true });
  made.setDefaultTimeout(PATIENCE);
  return made;
}

async function signIn(page, name, password, next = "") {
  await page.goto(`${base}/console/sign-in${next}`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.click(".door button.main");
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

/** The session of the demo's manager, and a member with a history. */
async function prepare() {
  const made = await context();
  const page = await made.newPage();
  watch(page, () => "preparation");
  await signIn(page, server.user, server.password);
  await page.goto(`${base}/console/members?sort=points&direction=down`);
  const member = await page.getAttribute("tbody th a", "href");
  const name = await page.innerText("tbody th a");
  await page.goto(base + member);
  const entry = await page.getAttribute("a.why", "href");
  await page.goto(`${base}/console/members?sort=points&direction=down`);
  const other = (await page.locator("tbody th a").nth(1).getAttribute("href")).split("/").pop();
  const state = await made.storageState();
  await made.close();
  await fillDesk(member.split("/").pop());
  const household = await openHousehold();
  await findDuplicates();
  await lakeIsWritten();
  return { state, member, name, entry, other, household };
}

/** Two records of one person, one of whose phone numbers has a digit mistyped, and the pair in the queue. */
async function findDuplicates() {
  const post = (path, body) => ask(server, path, { method: "POST", headers: { "Idempotency-Key": crypto.randomUUID() }, body: body && JSON.stringify(body) });
  for (const [name, phone] of [["Grace Hopper", "+447700900123"], ["HOPPER, Grace", "+447700900124"]]) {
    const made = await post("/members", { profile: { name, born_on: "1986-12-09" }, identifiers: [{ kind: "phone", value: phone }] });
    expect(made.status === 201, "preparation", `enrolling answers ${made.status}`);
  }
  await post("/operations/find-duplicates");
  for (const began = Date.now(); Date.now() - began < PATIENCE; await new Promise((done) => setTimeout(done, 200))) {
    if ((await ask(server, "/duplicates/figures")).body.run?.state === "finished") return;
  }
  fault("preparation", "the search for duplicates does not end");
}

/** A household of two who have points, with a hold of its pool. */
async function openHousehold() {
  const post = async (path, body) => {
    const answer = await ask(server, path, { method: "POST", headers: { "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify(body) });
    expect(answer.status === 201, "preparation", `${path} answers ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    return answer.body.receipt?.member_id;
  };
  const home = await post("/households", { name: "The Chen family" });
  const members = [];
  for (const [name, points] of [["Chen Yi", 900], ["Chen Er", 300]]) {
    const member = await post("/members", { profile: { name } });
    await post(`/members/${member}/adjustments`, { unit: "points", points, reason: "goodwill", note: "welcome", occurred_at: new Date().toISOString() });
    await post(`/households/${home}/members`, { member: { id: member }, may_spend: members.length === 0 });
    members.push(member);
  }
  await post("/holds", { source: "shop", reference: crypto.randomUUID(), occurred_at: new Date().toISOString(), member: { id: home }, spender: members[0], points: 500 });
  return { home, members };
}

/** Waits until the server has written its lake for the first time, and answers from it. */
async function lakeIsWritten() {
  for (const began = Date.now(); Date.now() - began < PATIENCE; await new Promise((done) => setTimeout(done, 500))) {
    if ((await ask(server, "/reports/core-customers")).status === 200) return;
  }
  fault("preparation", "the lake is not written");
}

/** What the desk works on: batches of vouchers, a reward that was asked for, a hold. */
async function fillDesk(id) {
  await issue(server, "ten_off", 40);
  await issue(server, "birthday", 1, [id]);
  const post = async (path, body) => {
    const answer = await ask(server, path, { method: "POST", body: JSON.stringify({ source: "shop", occurred_at: new Date().toISOString(), member: { id }, ...body }) });
    expect(answer.status === 201, "preparation", `${path} answers ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
  };
  await post("/redemptions", { reference: crypto.randomUUID(), reward: "tote_bag" });
  await post("/holds", { reference: crypto.randomUUID(), points: 500 });
}

const known = await prepare();
const pages = {
  "overview": "/console",
  "overview-year": "/console?from=2025-12-01&until=2026-11-20&compare=yes",
  "members": "/console/members",
  "members-none": "/console/members?q=zzzzzz",
  "member": known.member,
  "entry": known.entry,
  "adjustments": "/console/adjustments",
  "programme": "/console/programme",
  "vouchers": "/console/vouchers?member=zhang",
  "voucher-issue": "/console/vouchers/issue",
  "rewards": "/console/rewards",
  "holds": "/console/holds",
  "statements": "/console/statements",
  "member-vouchers": `${known.member}/vouchers`,
  "member-statement": `${known.member}/statement`,
  "member-merge": `${known.member}/merge?other=${known.other}`,
  "duplicates": "/console/duplicates",
  "duplicates-none": "/console/duplicates?state=merged",
  "households": "/console/households",
  "households-none": "/console/households?q=zzzzzz",
  "household": `/console/households/${known.household.home}`,
  "household-waits": `/console/households/${known.household.home}/members/${known.household.members[0]}/leave`,
  "household-member": `/console/members/${known.household.members[1]}`,
  "insight": "/console/insight",
  "insight-core-customers": "/console/insight/core-customers",
  "insight-cohorts": "/console/insight/cohorts",
  "insight-lifetime-value": "/console/insight/lifetime-value",
  "insight-migration": "/console/insight/migration",
  "insight-basket-dna": "/console/insight/basket-dna",
  "insight-segment-stack": "/console/insight/segment-stack",
  "insight-uplift": "/console/insight/uplift?experiment=a&arms=a%3D50%2Cb%3D50",
  "insight-claims": "/console/insight/claims",
  "insight-surveys": "/console/insight/surveys",
  "insight-none": "/console/insight/rfm?store=nowhere",
  "audiences": "/console/audiences",
  "imports": "/console/imports",
  "parked-returns": "/console/parked-returns",
  "people": "/console/people",
  "missing": "/console/nothing-here",
};

// --- every page, every way of reading it ---------------------------------------------------------

async function tour(language, scheme, size, viewport) {
  const made = await context({ language, scheme, viewport, state: known.state });
  const page = await made.newPage();
  let where = "";
  watch(page, () => where, (url) => url.endsWith("/nothing-here"));
  for (const [name, path] of Object.entries(pages)) {
    where = `${name} ${language} ${scheme} ${size}`;
    await page.goto(base + path, { waitUntil: "networkidle" });
    if (name.startsWith("insight")) await page.locator("main:not(:has([data-working])) h1").waitFor({ timeout: PATIENCE });
    await judge(page, where, language);
    if (name === "insight-core-customers") {
      await page.locator(".plot.drawn canvas").nth(1).waitFor({ timeout: PATIENCE });
    }
    if (name === "overview") {
      expect((await page.locator(".plot.drawn canvas").count()) === 2, where, "the charts are not drawn");
    }
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${language}-${scheme}-${size}.png`), fullPage: true });
  }
  await made.close();
  const stranger = await context({ language, scheme, viewport });
  const door = await stranger.newPage();
  where = `sign-in ${language} ${scheme} ${size}`;
  watch(door, () => where);
  for (const [name, path] of [["sign-in", "/console/members"], ["set-up", "/console/set-up?token=manager.x"]]) {
    where = `${name} ${language} ${scheme} ${size}`;
    await door.goto(base + path, { waitUntil: "networkidle" });
    await judge(door, where, language);
    await door.screenshot({ path: join(SCREENSHOTS, `${name}-${language}-${scheme}-${size}.png`), fullPage: true });
  }
  await stranger.close();
}

// --- by keyboard ---------------------------------------------------------------------------------

/** Presses Tab until an element has the focus; every stop on the way must be visible. */
async function tabTo(page, selector, where, most = 40) {
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      const box = focused.getBoundingClientRect();
      const style = getComputedStyle(focused);
      const bar = document.querySelector(".bar").getBoundingClientRect();
      const covered = !focused.closest(".bar, .skip") && getComputedStyle(document.querySelector(".bar")).position === "sticky" && box.bottom <= bar.bottom;
      return { there: focused.matches(wanted), seen: style.outlineStyle !== "none" && box.width > 0 && !covered, what: focused.outerHTML.slice(0, 80) };
    }, selector);
    expect(at.seen, where, `the focus cannot be seen on ${at.what}`);
    if (at.there) return true;
  }
  fault(where, `Tab does not lead to ${selector}`);
  return false;
}

async function keyboard() {
  const made = await context();
  const page = await made.newPage();
  const where = "keyboard";
  watch(page, () => where);
  await page.goto(`${base}/console/members`);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement.matches(".skip")), where, "the skip link is not first");
  await tabTo(page, "#name", where);
  await page.keyboard.type(server.user);
  await tabTo(page, "#password", where);
  await page.keyboard.type(server.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/members/);
  await page.keyboard.press("/");
  expect(await page.evaluate(() => document.activeElement.id === "q"), where, "/ does not lead to the search");
  await page.keyboard.type("zhang");
  await page.waitForURL(/q=zhang/);
  await tabTo(page, "#results tbody a", where);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/members\/mem_/);
  await tabTo(page, "a.why", where, 60);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".why-place .explanation");
  await page.waitForFunction(() => document.activeElement.matches("[data-focus]"));
  await made.close();
}

/** The command palette by keyboard alone: a page by its name, a member by theirs. */
async function palette() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "palette";
  watch(page, () => where);
  await page.goto(`${base}/console`, { waitUntil: "networkidle" });
  await page.keyboard.press("Control+k");
  expect(await page.evaluate(() => document.activeElement.id === "palette-q"), where, "Ctrl-K does not open it");
  await judge(page, where, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "palette.png") });
  await page.keyboard.type("vouch");
  await page.waitForFunction(() => document.querySelectorAll("#palette [role=option]:not([hidden])").length === 1);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/vouchers$/);
  await page.click("[data-palette]");
  await page.keyboard.type(known.name);
  await page.waitForSelector("#palette [data-members] [role=option]");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  const active = await page.getAttribute("#palette-q", "aria-activedescendant");
  expect(await page.evaluate((id) => document.getElementById(id)?.getAttribute("aria-selected") === "true", active), where, "no option is active");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/members\/mem_/);
  await page.keyboard.press("Meta+k");
  await page.keyboard.press("Escape");
  expect(!(await page.evaluate(() => document.getElementById("palette").open)), where, "Escape does not close it");
  await made.close();
}

/** Who types faster than the server answers sees in the end what they typed last. */
async function fasterThanTheServer() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  watch(page, () => "search");
  await page.goto(`${base}/console/members`, { waitUntil: "networkidle" });
  await page.route(/members\?.*q=z(&|$)/, async (route) => {
    await new Promise((next) => setTimeout(next, 1_500));
    await route.continue();
  });
  for (const part of ["z", "h", "ang"]) {
    await page.locator("#q").pressSequentially(part);
    // Longer than the page waits for the next letter.
    await page.waitForTimeout(400);
  }
  await page.waitForURL(/q=zhang/);
  await made.close();
}

/** Who types before the page's scripts have arrived, or before they have set themselves up, finds what they typed. */
async function fasterThanTheScripts() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "scripts";
  watch(page, () => where);
  let arrive;
  const arrived = new Promise((done) => { arrive = done; });
  await page.route(/\/htmx-/, async (route) => {
    await arrived;
    await route.continue();
  });
  await page.goto(`${base}/console/members`, { waitUntil: "commit" });
  await page.locator("#q").pressSequentially("zhang");
  arrive();
  await page.waitForURL(/q=zhang/);

  await page.unrouteAll();
  await page.addInitScript(() => {
    const later = window.setTimeout;
    window.setTimeout = (work, delay = 60_000, ...rest) => later(work, delay, ...rest);
  });
  await page.goto(`${base}/console/members`);
  await page.locator("#q").pressSequentially("zhang");
  await page.waitForURL(/q=zhang/);
  await made.close();
}

/** Two accounts of one person become one, and two again. */
async function merging() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "merging";
  watch(page, () => where, (url) => url.includes("other=nobody"));
  const [keeps, goes] = [await enrol("Han Meimei"), await enrol("Han Mei-Mei")];
  await page.goto(`${base}/console/members/${keeps}`);
  await page.click("text=Merge with another member");
  await page.fill("#other", "nobody");
  await page.click("text=Compare");
  await page.waitForSelector("#merge-error");
  await judge(page, `${where}, nobody`, "en");
  await page.fill("#other", goes);
  await page.click("text=Compare");
  await page.fill("#reason", "one person, two cards");
  await page.click("#merge button");
  await page.waitForURL(new RegExp(`/members/${keeps}\\?done=merged`));
  expect(/Han Mei-Mei was merged/.test(await page.innerText(".notice")), where, "not told");
  await page.goto(`${base}/console/members/${keeps}/merge`);
  await page.click("summary >> text=Undo");
  await judge(page, `${where}, undoing`, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "merge-undo.png"), fullPage: true });
  await page.fill(".row-actions input[name=reason]", "two persons after all");
  await page.click(".row-actions button.danger");
  await page.waitForURL(new RegExp(`/members/${goes}\\?done=separated`));
  await made.close();
}

/** The queue is worked through by keyboard alone: a pair is put aside, then merged into the other one than was proposed. */
async function duplicates() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "duplicates";
  watch(page, () => where);
  const pair = page.locator(".pair", { hasText: "HOPPER, Grace" });
  await page.goto(`${base}/console/duplicates`);
  await page.screenshot({ path: join(SCREENSHOTS, "duplicates-queue.png") });
  await pair.locator("button[value=later]").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/done=later/);
  await page.goto(`${base}/console/duplicates?state=later`);
  await judge(page, `${where}, put aside`, "en");
  await pair.locator("input[type=radio]:checked").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/done=merged/);
  expect(/HOPPER, Grace goes on/.test(await page.innerText(".notice")), where, "not told");
  await page.goto(`${base}/console/duplicates?state=merged`);
  await pair.locator("thead a").last().click();
  await page.waitForSelector("#lineage");
  await judge(page, `${where}, lineage`, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "duplicates-lineage.png"), fullPage: true });
  await made.close();
}

/** A household is opened, two members join, one leaves; what is held keeps the others from leaving. */
async function households() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "households";
  watch(page, () => where, (url) => url.includes("join=nobody"));
  const [first, second] = [await enrol("Han Meimei"), await enrol("Li Lei")];
  await page.goto(`${base}/console/households`);
  await page.fill("#name", "The Hans");
  await page.click("#open-household button");
  await page.waitForURL(/\/console\/households\/mem_/);
  const home = new URL(page.url()).pathname;
  await judge(page, `${where}, empty`, "en");
  await page.fill("#who", "nobody");
  await page.click("text=Find");
  await page.waitForSelector("#join-error");
  await judge(page, `${where}, nobody`, "en");
  for (const [member, may] of [[first, true], [second, false]]) {
    await page.fill("#who", member);
    await page.click("text=Find");
    await page.waitForSelector("#join-form");
    if (may) {
      await judge(page, `${where}, joining`, "en");
      await page.screenshot({ path: join(SCREENSHOTS, "household-join.png"), fullPage: true });
      await page.check("#join-form input[type=checkbox]");
    }
    await page.click("#join-form button");
    await page.waitForURL(/done=joined/);
  }
  const members = await page.innerText("main table");
  expect(/Han Meimei/.test(members) && /may not spend/.test(members), where, members);
  await page.click("tbody tr >> nth=1 >> text=Let spend");
  await page.waitForURL(/done=may%3A/);
  await judge(page, `${where}, changed`, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "household-changed.png"), fullPage: true });
  await page.click("tbody tr >> nth=1 >> text=Leave");
  await page.waitForURL(/\/leave$/);
  await judge(page, `${where}, leaving`, "en");
  await page.click("button.danger");
  await page.waitForURL(/done=left/);
  expect(/Li Lei left/.test(await page.innerText(".notice")), where, "not told");
  await page.goto(`${base}/console/members/${first}`);
  await page.click("#household a");
  await page.waitForURL((url) => url.pathname === home);
  await page.goto(`${base}/console/households`);
  await page.fill("#q", "hans");
  await page.press("#q", "Enter");
  await page.waitForURL(/q=hans/);
  expect((await page.locator("tbody tr").count()) >= 1, where, "not found by its name");
  await made.close();
}

async function enrol(name) {
  const enrolled = await ask(server, "/members", { method: "POST", body: JSON.stringify({ profile: { name } }) });
  expect(enrolled.status === 201, "merging", `enrolling answers ${enrolled.status} ${JSON.stringify(enrolled.body).slice(0, 200)}`);
  return enrolled.body.receipt?.member_id;
}

/** A survey is imported with its map; what cannot be used is told with its reason, and can be taken away as a file. */
async function surveys() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  const where = "surveys";
  watch(page, () => where);
  const map = `survey = "browser"\ntime_zone = "Asia/Shanghai"\nmember = { column = "who" }\nanswered_at = { columns = ["at"], format = "%Y-%m-%d" }\n[question]\nsatisfaction = "q"\n`;
  const member = known.member.split("/").pop();
  const send = async (answers) => {
    await page.goto(`${base}/console/insight/surveys`);
    await page.setInputFiles("#map", { name: "survey.toml", mimeType: "application/toml", buffer: Buffer.from(map) });
    await page.setInputFiles("#answers", { name: "answers.csv", mimeType: "text/csv", buffer: Buffer.from(answers) });
    await page.click("main form button.main");
    await page.waitForURL(/\/surveys\/[0-9a-f]{16}$/);
    await page.locator("main:not(:has([data-working])) h1").waitFor({ timeout: PATIENCE });
  };
  await send(`who,at,q\n${member},2026-03-01,5\nnobody,2026-03-01,4\n${member},2026-03-02,9\n`);
  await judge(page, where, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "survey-imported.png"), fullPage: true });
  expect(/Forms used\s+1\b/.test(await page.innerText(".tiles")), where, await page.innerText(".tiles"));
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
  expect(readFileSync(await file.path()).toString("utf8").includes("nobody"), where, "the file lacks a row");
  await send("who,at,q\nnobody,2026-03-01,4\n");
  await judge(page, `${where}, nothing usable`, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "survey-refused.png"), fullPage: true });
  expect(/No row can be used/.test(await page.innerText("[role=alert]")), where, "not told");
  await made.close();
}

// --- what people do ------------------------------------------------------------------------------

async function flows() {
  const made = await context({ state: known.state, language: "en" });
  const page = await made.newPage();
  let where = "flows";
  watch(page, () => where, (url) => url.includes("/adjustments"));

  where = "search by pinyin";
  await page.goto(`${base}/console/members`);
  await page.fill("#q", "zhang");
  await page.waitForURL(/q=zhang/);
  const names = await page.locator("#results tbody th a").allInnerTexts();
  expect(names.length > 0, where, "nobody was found");
  expect(names.every((name) => /张|章|zhang/i.test(name)), where, `found ${names.slice(0, 5)}`);
  await page.goBack({ waitUntil: "networkidle" });
  expect(!page.url().includes("q=zhang"), where, "the back button does not go back");

  where = "sorting";
  await page.goto(`${base}/console/members?sort=points&direction=down`);
  const points = (await page.locator("td[data-name=Points]").evaluateAll((cells) => cells.map((cell) => Number(cell.firstChild.textContent.replace("−", "-").replaceAll(",", "")))));
  expect(points.length > 1 && points.every((value, at) => at === 0 || points[at - 1] >= value), where, `not in order: ${points.slice(0, 5)}`);
  expect((await page.getAttribute("th[aria-sort]", "aria-sort")) === "descending", where, "aria-sort");

  where = "files";
  for (const [address, selector] of [["/console/members", "a[download]"], ["/console", "#points a[download]"]]) {
    await page.goto(base + address, { waitUntil: "networkidle" });
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    const bytes = readFileSync(await file.path());
    expect(bytes.subarray(0, 3).toString("hex") === "efbbbf", where, `${address}: no mark of UTF-8`);
    expect(bytes.toString("utf8").split("\r\n").length > 20, where, `${address}: a short file`);
  }

  where = "why";
  await page.goto(base + known.member);
  await page.click("a.why >> nth=0");
  await page.waitForSelector(".why-place .explanation");
  expect((await page.innerText(".why-place .explanation")).length > 60, where, "a short explanation");
  const entries = await page.locator(".entry").count();
  if (await page.locator(".entries .pager a").count()) {
    await page.click(".entries .pager a");
    await page.waitForFunction((before) => document.querySelectorAll(".entry").length > before, entries);
    expect((await page.innerText("#announcements")).length > 0, where, "nothing is announced");
  }

  where = "adjustment within the limit";
  await adjust(page, 50);
  expect(/50/.test(await page.innerText(".notice")), where, "no notice");
  expect(/\+50/.test(await page.innerText(".entry >> nth=0")), where, "not at the top of the timeline");

  where = "adjustment refused";
  await adjust(page, 0);
  expect(await page.locator("#adjust-error").count(), where, "no error beside the form");

  where = "adjustment with a second person";
  await adjust(page, 1_000_000);
  await page.goto(`${base}/console/adjustments`);
  expect((await page.locator(".decide").count()) === 0, where, "the first person may approve");
  const link = await invite(page, "manager");
  const second = await context({ language: "en" });
  const other = await second.newPage();
  watch(other, () => where);
  await other.goto(link);
  await other.fill("#name", "second.manager");
  await other.fill("#password", "another long sentence");
  await other.click(".door button.main");
  await other.waitForURL(/\/console$/);
  await other.goto(`${base}/console/adjustments`);
  await judge(other, where, "en");
  await other.screenshot({ path: join(SCREENSHOTS, "adjustments-waiting.png"), fullPage: true });
  await other.click(".decide button[value=approve]");
  await other.waitForURL(/done=approve/);
  expect((await other.locator(".decide").count()) === 0, where, "still waits");
  await other.goto(base + known.member);
  expect(/1,000,000/.test(await other.innerText(".entry >> nth=0")), where, "not posted");
  await other.goto(link);
  await second.close();

  where = "roles";
  const auditorLink = await invite(page, "auditor");
  const third = await context({ language: "en" });
  const auditor = await third.newPage();
  watch(auditor, () => where, (url) => url.includes("/people") || url.includes(".csv"));
  await auditor.goto(auditorLink);
  await auditor.fill("#name", "auditor");
  await auditor.fill("#password", "yet another sentence");
  await auditor.click(".door button.main");
  await auditor.waitForURL(/\/console$/);
  await auditor.goto(base + known.member);
  expect((await auditor.locator("#adjust").count()) === 0, where, "an auditor sees the form");
  for (const path of ["/console/people", "/console/members.csv"]) {
    const answer = await auditor.request.get(base + path);
    expect(answer.status() === 403, where, `${path} answers ${answer.status()} to an auditor`);
  }
  await third.close();

  where = "language and theme";
  await page.goto(`${base}/console/members?sort=name`);
  await page.click(".preferences button[name=language]");
  await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
  expect(page.url().endsWith("/console/members?sort=name"), where, `left the page for ${page.url()}`);
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click(".preferences button[value=dark]");
  await page.waitForFunction((old) => getComputedStyle(document.body).backgroundColor !== old, before);

  where = "programme";
  await page.goto(`${base}/console/programme`);
  await page.fill("#document", "code = 5");
  watchOff(page);
  await page.click("button[value=check]");
  await page.waitForSelector("#publish table");
  expect((await page.locator("#publish tbody tr").count()) > 0, where, "the check found nothing");

  where = "forged form";
  const forged = await page.request.post(`${base}/console/sign-out`, { form: { csrf: "x" }, headers: { "Sec-Fetch-Site": "cross-site" } });
  expect(forged.status() === 403, where, `a request from elsewhere answers ${forged.status()}`);
  const stale = await page.request.post(`${base}/console/sign-out`, { form: { csrf: "x" }, headers: { "Sec-Fetch-Site": "same-origin" } });
  expect(stale.status() === 403, where, `a wrong secret answers ${stale.status()}`);

  where = "sign out";
  await page.goto(`${base}/console`);
  await page.click(".who button");
  await page.waitForURL(/sign-in/);
  await page.goto(`${base}/console`);
  expect(page.url().includes("sign-in"), where, "still signed in");
  await made.close();
}

async function adjust(page, points) {
  await page.goto(base + known.member);
  await page.fill("#adjust-points", String(points));
  await page.fill("#adjust-note", "browser test");
  await Promise.all([page.waitForLoadState("load"), page.click("#adjust button.main")]);
  await page.waitForSelector(".notice, #adjust-error");
}

async function invite(page, role) {
  await page.goto(`${base}/console/people`);
  await page.selectOption("#role", role);
  await page.click(".narrow button.main");
  return (await page.innerText(".secret code")).trim();
}

/** Without script every page still says everything; forms and links do the rest. */
async function withoutScript() {
  const made = await browser.newContext({ locale: "en", storageState: known.state, javaScriptEnabled: false });
  const page = await made.newPage();
  const where = "without script";
  await page.goto(`${base}/console`);
  expect((await page.locator(".chart table tbody tr").count()) > 10, where, "the charts have no tables");
  await page.goto(`${base}/console/members`);
  await page.fill("#q", "zhang");
  await page.press("#q", "Enter");
  await page.waitForURL(/q=zhang/);
  await page.goto(base + known.member);
  await page.click("a.why >> nth=0");
  await page.waitForURL(/\/entries\//);
  expect((await page.locator(".explanation").count()) === 1, where, "no explanation");
  await made.close();
}

function watchOff(page) {
  page.removeAllListeners("console");
  page.removeAllListeners("response");
}

await run(process.argv.slice(3), { tour, keyboard, "faster than the server": fasterThanTheServer, "faster than the scripts": fasterThanTheScripts, palette, merging, duplicates, households, surveys, script: withoutScript, flows });
await browser.close();
report("console", began);
