// The till in a real browser: a sale with its preview and receipt, points that pay, a return, a connection that goes and
// comes back, a till that is started again without one; then every page in both languages, themes and sizes.

import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { PATIENCE, SCREENSHOTS, ask, attempt, expect, issue, judge, launch, readServer, report, watch } from "./browser.mjs";
import { troubles } from "./till-trouble.mjs";

const server = readServer(process.argv[2]);
const base = server.console.replace(/\/$/, "");
const browser = await launch();
const began = Date.now();
const TABLET = { width: 1180, height: 820 };
const PORTRAIT = { width: 820, height: 1180 };
const PHONE = { width: 390, height: 844 };
/** Numbers nobody has, in each run others. */
const numberOf = (person) => `139${String(began).slice(-6)}${String(person).padStart(2, "0")}`;

async function context(options = {}) {
  const { language = "en", scheme = "light", viewport = TABLET, state } = options;
  const made = await browser.newContext({ locale: language, colorScheme: scheme, reducedMotion: "reduce", viewport, storageState: state });
  made.setDefaultTimeout(PATIENCE);
  return made;
}

async function signIn(page, origin = base) {
  await page.goto(`${origin}/console/sign-in`);
  await page.fill("#name", server.cashier);
  await page.fill("#password", server["cashier password"]);
  await page.click(".door button.main");
  await page.waitForURL((url) => url.pathname === "/till");
}

const api = (path, options) => ask(server, path, options);

/** Enrols somebody of our own, with points to spend if any are given. */
async function enrol(name, person, points = 0) {
  const phone = `+86${numberOf(person)}`;
  const body = { profile: { name }, identifiers: [{ kind: "phone", value: phone }] };
  const enrolled = await api("/members", { method: "POST", body: JSON.stringify(body) });
  const id = enrolled.body.receipt?.member_id;
  expect(enrolled.status === 201 && id, "preparation", `enrolling answers ${enrolled.status} ${JSON.stringify(enrolled.body).slice(0, 200)}`);
  for (let left = points; left > 0; left -= 1_000) {
    const adjustment = { unit: "points", points: Math.min(left, 1_000), reason: "goodwill", note: "browser test", occurred_at: new Date().toISOString() };
    const given = await api(`/members/${id}/adjustments`, { method: "POST", body: JSON.stringify(adjustment) });
    expect(given.status === 201, "preparation", `adjusting answers ${given.status} ${JSON.stringify(given.body).slice(0, 200)}`);
  }
  return { id, name, phone };
}

/** Documents of a kind in a member's history. */
async function entriesOf(member, event) {
  const found = await api(`/members/${member.id}/entries?limit=100`);
  return found.body.data.filter((entry) => entry.fact.event === event);
}

/** Types as a scanner does, and waits for the answer. */
async function scan(page, text) {
  await page.focus("#entry");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.getElementById("entry")?.value);
}

const number = (text) => Number((text.match(/[\d,]+/) ?? ["NaN"])[0].replaceAll(",", ""));

// --- what people do there ------------------------------------------------------------------------

async function sell() {
  const made = await context();
  const page = await made.newPage();
  let where = "sale";
  watch(page, () => where);
  await signIn(page);
  expect((await page.evaluate(() => document.activeElement.id)) === "entry", where, "the input has no focus");
  const member = await enrol("Mei Lin", 1);
  await scan(page, numberOf(1));
  await page.waitForSelector("#till-member .till-member-points");
  expect((await page.innerText("#till-member")).includes("Mei Lin"), where, "the member is not shown");
  await scan(page, "6901234567892");
  await scan(page, "12.50");
  await scan(page, "2*20");
  await page.waitForFunction(() => document.querySelectorAll("#lines .line").length === 2 && !document.getElementById("pay").disabled);
  expect((await page.inputValue("#line-0-item")) === "6901234567892" && (await page.inputValue("#line-0-price")) === "12.50", where, "the item has not got its price");
  expect(/52\.50/.test(await page.innerText("#total")), where, `total ${await page.innerText("#total")}`);
  // 52 base points and 200 for the first purchase, as the starter programme says.
  const preview = number(await page.innerText(".gain b"));
  expect(preview >= 252, where, `the preview promises ${preview}`);
  expect((await page.locator(".quote .rules li").count()) >= 2, where, "the rules that give are not named");
  await page.click("#quote-why summary");
  expect((await page.locator(".quote .gave li:visible").count()) >= 2 && (await page.locator(".quote .faint li:visible").count()) >= 2, where, "no reasons");
  expect(/spendable from/.test(await page.innerText(".gain")), where, "no day");
  await page.click('button[value="more-0"]');
  await page.waitForFunction(() => /65\.00/.test(document.getElementById("total").textContent));
  await page.fill("#line-1-price", "abc");
  await page.waitForSelector("#line-1-price[aria-invalid]");
  expect(await page.isDisabled("#pay"), where, "a line that cannot be read can be paid");
  expect(/12\.50/.test(await page.innerText("#line-1-fault")), where, "the fault does not say what to do");
  await judge(page, `${where} with a fault`, "en");
  await page.fill("#line-1-price", "20");
  await page.waitForFunction(() => !document.getElementById("pay").disabled);
  const promised = number(await page.innerText(".gain b"));
  await page.screenshot({ path: join(SCREENSHOTS, "till-preview.png") });
  where = "receipt";
  await page.click("#pay");
  await page.waitForURL(/\/till\/receipts\//);
  expect(number(await page.innerText(".gain b")) === promised, where, "the receipt gives other points than the preview");
  expect((await page.locator(".qr svg path").getAttribute("d")).length > 500, where, "no code");
  expect((await page.locator(".receipt-why li").count()) >= 2, where, "no reasons");
  const reference = (await page.innerText(".qr figcaption")).trim();
  expect(new RegExp(`/${reference}$`).test(page.url()), where, `${reference} is not in ${page.url()}`);
  expect((await entriesOf(member, "purchase_recorded")).length === 1, where, "not in the ledger once");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/till");

  where = "keypad";
  for (const key of ["1", "2", ".", "5", "0"]) await page.click(`[data-key="${key}"]`);
  await page.click('[data-key="delete"]');
  await page.click('.keypad button[value="scan"]');
  await page.waitForFunction(() => /12\.50/.test(document.getElementById("total").textContent));
  expect((await page.evaluate(() => document.activeElement.id)) === "entry", where, "the input lost the focus");
  const small = await page.evaluate(() => [...document.querySelectorAll("main button, main input, main summary, .tabs a")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 0 && box.height < 43.5 && !each.matches("[type=checkbox]");
  }).map((each) => each.outerHTML.slice(0, 80)));
  expect(small.length === 0, where, `targets below 44 px: ${small.slice(0, 3)}`);

  where = "return";
  await page.goto(`${base}/till`);
  await scan(page, reference);
  await page.waitForURL(/\/till\/returns\?reference=/);
  expect((await page.locator(".return-lines li").count()) === 2, where, "not its lines");
  await page.fill("#quantity-1", "1");
  await page.waitForSelector(".effect");
  expect(/20\.00/.test(await page.innerText(".effect output")), where, `money back ${await page.innerText(".effect output")}`);
  // The points of what comes back, with its share of the first purchase's bonus.
  const takenBack = number(await page.innerText(".effect-points"));
  expect(takenBack > 20 && takenBack < promised, where, `points back: ${takenBack} of ${promised}`);
  await page.screenshot({ path: join(SCREENSHOTS, "till-return-preview.png"), fullPage: true });
  await page.click('button[value="record"]');
  await page.waitForURL(/\/till\/receipts\/R-/);
  expect((await entriesOf(member, "return_recorded")).length === 1, where, "not in the ledger once");
  expect(number(await page.innerText(".moved dd")) === takenBack, where, "the receipt takes back other points than the preview");
  await judge(page, "return receipt", "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-return-receipt.png"), fullPage: true });
  await page.goto(`${base}/till/returns?reference=${reference}`);
  expect(/1 can come back/.test(await page.innerText(".return-lines li >> nth=1")), where, "what came back can come back again");
  await made.close();
  return reference;
}

async function payWithPoints() {
  const made = await context();
  const page = await made.newPage();
  const where = "pay with points";
  watch(page, () => where);
  await signIn(page);
  const member = await enrol("Chen Jing", 2, 2_000);
  await scan(page, numberOf(2));
  await scan(page, "30.00");
  await page.waitForSelector("#points");
  await page.click('button[value="points-more"]');
  await page.waitForFunction(() => document.getElementById("points").value === "500");
  await page.click('button[value="points-most"]');
  // At most half of 30.00 by the starter programme: 1,500 points pay 15.00.
  await page.waitForFunction(() => document.getElementById("points").value === "1500");
  expect(/15\.00/.test(await page.innerText("#to-pay")), where, `left to pay ${await page.innerText("#to-pay")}`);
  await judge(page, where, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-points.png") });
  await page.click("#pay");
  await page.waitForURL(/\/till\/receipts\//);
  expect(/1,500 points/.test(await page.innerText("tfoot")), where, "the receipt does not say so");
  const { units } = (await api(`/members/${member.id}/balance`)).body;
  expect(units[0].available === 500, where, `left: ${JSON.stringify(units)}`);
  await made.close();
}

/** A voucher goes beside the basket, takes something off line by line, comes out again, and is on the receipt. */
async function sellWithVoucher() {
  const made = await context();
  const page = await made.newPage();
  let where = "voucher";
  watch(page, () => where, (url) => where === "voucher used meanwhile" && url.endsWith("/till/purchases"));
  await signIn(page);
  await enrol("He Jun", 8);
  const [code, other] = await issue(server, "ten_off", 2);
  await scan(page, numberOf(8));
  for (const text of ["cups 30", "tea 20", code.toLowerCase()]) await scan(page, text);
  await page.waitForSelector("#vouchers .voucher-off");
  const row = await page.innerText("#vouchers .voucher");
  expect(/Ten off/.test(row) && /10\.00/.test(row) && /cups: −CN¥6\.00/.test(row) && /tea: −CN¥4\.00/.test(row), where, `the row says ${row}`);
  expect(/40\.00/.test(await page.innerText("#total")) && /50\.00 before/.test(await page.innerText(".till-before")), where, `total ${await page.innerText("#total")}`);
  await judge(page, where, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-voucher.png") });
  await page.fill("#line-0-price", "3");
  await page.fill("#line-1-price", "3");
  await page.waitForSelector("#vouchers .voucher-why");
  expect(/9\.00 are missing/.test(await page.innerText("#vouchers .voucher-why")), where, await page.innerText("#vouchers .voucher-why"));
  await judge(page, `${where} that does not apply`, "en");
  await page.fill("#line-0-price", "30");
  await page.waitForSelector("#vouchers .voucher-off");
  await page.focus("#vouchers button");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll("#vouchers li").length === 0);
  expect(/33\.00/.test(await page.innerText("#total")) && !(await page.isVisible(".vouchers")), where, "it is not out");
  await scan(page, `${code.slice(0, -1)}${code.endsWith("7") ? "8" : "7"}`);
  expect(/wrong or swapped/.test(await page.innerText("#entry-fault")), where, "a mistyped code is not told");
  await scan(page, code);
  await page.waitForSelector("#vouchers .voucher-off");
  // Somebody else uses it before the sale is paid: nobody pays another amount than was shown.
  const use = { code, source: "shop", reference: crypto.randomUUID() };
  const used = await api("/vouchers/redeem", { method: "POST", body: JSON.stringify(use) });
  expect(used.status === 200, where, `redeeming answers ${used.status}`);
  where = "voucher used meanwhile";
  const conflict = page.waitForResponse((response) => response.url().endsWith("/till/purchases"));
  await page.click("#pay");
  expect((await conflict).status() === 409, where, "it was recorded");
  await page.waitForSelector("#pay-fault:not([hidden])");
  expect(/something else/.test(await page.innerText("#pay-fault")) && /redeemed/.test(await page.innerText("#vouchers .voucher-why")), where, "not told");
  expect(/33\.00/.test(await page.innerText("#to-pay")), where, `to pay ${await page.innerText("#to-pay")}`);
  await page.click("#vouchers button");
  await page.waitForFunction(() => document.querySelectorAll("#vouchers li").length === 0);
  await scan(page, other);
  await page.waitForSelector("#vouchers .voucher-off");
  where = "voucher receipt";
  await page.click("#pay");
  await page.waitForURL(/\/till\/receipts\//);
  const foot = await page.innerText(".receipt table");
  expect(/Ten off/.test(foot) && /−CN¥10\.00/.test(foot) && /23\.00/.test(foot), where, `the receipt says ${foot}`);
  await judge(page, where, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-voucher-receipt.png"), fullPage: true });
  await made.close();
}

/** A voucher shown without a connection is sent with the sale; what became of it stays until somebody has read it. */
async function vouchersOffline() {
  const made = await context();
  const page = await made.newPage();
  const where = "voucher offline";
  await signIn(page);
  const member = await enrol("Gao Yan", 10);
  const [kept, lost] = await issue(server, "ten_off", 2);
  await page.waitForSelector('[data-connection="online"]');
  await made.setOffline(true);
  await page.waitForSelector('[data-connection="offline"]');
  for (const code of [kept, lost]) {
    await scan(page, `+86${numberOf(10)}`);
    await scan(page, "30");
    await scan(page, code);
    await page.waitForSelector("#vouchers .voucher-why");
    expect(/Not checked/.test(await page.innerText("#vouchers")) && /30\.00/.test(await page.innerText("#total")), where, "it promises something");
    await judge(page, where, "en");
    await page.screenshot({ path: join(SCREENSHOTS, "till-voucher-offline.png") });
    await page.click("#pay");
    await page.waitForSelector("#slip:not([hidden])");
  }
  const used = await api("/vouchers/redeem", { method: "POST", body: JSON.stringify({ code: lost, source: "shop", reference: crypto.randomUUID() }) });
  expect(used.status === 200, where, `redeeming answers ${used.status}`);
  await made.setOffline(false);
  await page.waitForFunction(() => document.querySelectorAll("#queue .badge.done").length === 2);
  const told = await page.locator("#queue .queue-report").allInnerTexts();
  expect(/took 10\.00 CNY off/.test(told[0]) && /Give back CN¥10\.00/.test(told[0]), where, `told ${told[0]}`);
  expect(/was not used/.test(told[1]) && !/Give back/.test(told[1]), where, `told ${told[1]}`);
  expect(/^Online$/.test(await page.innerText("#connection span")), where, "what is uploaded is counted as waiting");
  expect((await entriesOf(member, "purchase_recorded")).length === 2, where, "a purchase was lost");
  await judge(page, `${where}, told`, "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-voucher-uploaded.png"), fullPage: true });
  for (let left = 2; left > 0; left -= 1) await page.click("#queue [data-done] >> nth=0");
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  await made.close();
}

async function offline() {
  const made = await context();
  const page = await made.newPage();
  const where = "offline";
  await signIn(page);
  const member = await enrol("Wang Lei", 3);
  await page.waitForSelector('[data-connection="online"]');
  await made.setOffline(true);
  await page.waitForSelector('[data-connection="offline"]');
  for (const [price, total] of [["12.50", /12\.50/], ["2*20", /40\.00/]]) {
    await scan(page, `+86${numberOf(3)}`);
    await scan(page, price);
    await page.waitForFunction(() => !document.getElementById("pay").disabled);
    expect(total.test(await page.innerText("#total")), where, `total ${await page.innerText("#total")}`);
    await judgeOffline(page, where);
    await page.click("#pay");
    await page.waitForSelector("#slip:not([hidden])");
  }
  expect(/Offline, queued 2/.test(await page.innerText("#connection")), where, await page.innerText("#connection"));
  await judgeOffline(page, "offline with a queue");
  await page.screenshot({ path: join(SCREENSHOTS, "till-offline.png"), fullPage: true });
  expect((await entriesOf(member, "purchase_recorded")).length === 0, where, "recorded without a connection");
  // What the till keeps is what it will send; sent once more behind its back it must still count once.
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("perennial-till-queue")));
  await made.setOffline(false);
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  await page.waitForFunction(() => /^Online$/.test(document.querySelector("#connection span").textContent));
  const again = await page.evaluate(async (items) => {
    const csrf = document.getElementById("queue").dataset.csrf;
    const answers = [];
    for (const item of items) answers.push(await Till.record(item.body, csrf));
    const other = new URLSearchParams(items[0].body);
    other.set("line-0-price", "99.00");
    answers.push(await Till.record(other, csrf));
    return answers;
  }, kept);
  expect(again[0].kind === "recorded" && again[0].duplicate && again[1].duplicate, where, `sent again: ${JSON.stringify(again)}`);
  expect(again[2].kind === "refused" && again[2].code === "document_differs", where, `a used number with other content: ${JSON.stringify(again[2])}`);
  const recorded = await entriesOf(member, "purchase_recorded");
  expect(recorded.length === 2, where, `${recorded.length} purchases in the ledger`);

  // A conflict is shown to the cashier, with what is recorded.
  await page.evaluate((item) => {
    const body = new URLSearchParams(item.body);
    body.set("line-0-price", "99.00");
    Till.add({ ...item, body: body.toString() });
    Till.beat(document.getElementById("queue").dataset.csrf);
  }, kept[0]);
  await page.waitForSelector("#queue .badge.failed");
  expect(/other content/.test(await page.innerText("#queue .queue-why")), where, "the conflict is not explained");
  await judge(page, "a refused receipt", "en");
  await page.screenshot({ path: join(SCREENSHOTS, "till-conflict.png"), fullPage: true });
  await page.click("#queue [data-discard]");
  await page.click("#queue [data-discard]");
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  await made.close();
}

/** Points may not be spent without a connection: they are taken off before the receipt is kept. */
async function pointsOffline() {
  const made = await context();
  const page = await made.newPage();
  const where = "points offline";
  await signIn(page);
  const member = await enrol("Liu Yang", 6, 1_000);
  await scan(page, numberOf(6));
  await scan(page, "20");
  await page.waitForSelector("#points");
  await page.click('button[value="points-most"]');
  await page.waitForFunction(() => document.getElementById("points").value === "1000");
  await made.setOffline(true);
  await page.waitForSelector('[data-connection="offline"]');
  await page.click("#pay");
  await page.waitForSelector("#pay-fault:not([hidden])");
  expect(/taken off/.test(await page.innerText("#pay-fault")) && /20\.00/.test(await page.innerText("#to-pay")), where, "not said, or not the whole amount");
  expect((await page.locator("#slip:visible").count()) === 0, where, "kept with its points");
  await page.click("#pay");
  await page.waitForSelector("#slip:not([hidden])");
  await made.setOffline(false);
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  const { units } = (await api(`/members/${member.id}/balance`)).body;
  expect(units[0].available === 1_000, where, `points were spent: ${JSON.stringify(units)}`);
  expect((await entriesOf(member, "purchase_recorded")).length === 1, where, "not recorded once");
  await made.close();
}

/** A session that ended while the till was away: the receipts wait until somebody signs in. */
async function signedOutMeanwhile() {
  const made = await context();
  const page = await made.newPage();
  const where = "signed out meanwhile";
  await signIn(page);
  const member = await enrol("Xu Tao", 7);
  await made.setOffline(true);
  await page.waitForSelector('[data-connection="offline"]');
  await scan(page, `+86${numberOf(7)}`);
  await scan(page, "15");
  await page.click("#pay");
  await page.waitForSelector("#slip:not([hidden])");
  await made.clearCookies();
  await made.setOffline(false);
  await page.waitForSelector("#connection a:not([hidden])");
  expect(/Signed out/.test(await page.innerText("#connection")), where, await page.innerText("#connection"));
  expect((await page.locator("#queue li").count()) === 1, where, "the receipt is gone");
  await judge(page, where, "en");
  await page.click("#connection a");
  await page.fill("#name", server.cashier);
  await page.fill("#password", server["cashier password"]);
  await page.click(".door button.main");
  await page.waitForURL((url) => url.pathname === "/till");
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  expect((await entriesOf(member, "purchase_recorded")).length === 1, where, "not recorded once");
  await made.close();
}

async function judgeOffline(page, where) {
  await judge(page, where, "en");
  expect((await page.locator(".gain:visible").count()) === 0, where, "promises points while offline");
}

/** A network that can be cut: what is connected through it is a real connection, and then none. */
async function network() {
  const target = new URL(base);
  const open = new Set();
  const proxy = createServer((from) => {
    const to = createConnection(Number(target.port), target.hostname);
    for (const [one, other] of [[from, to], [to, from]]) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => { open.delete(one); other.destroy(); });
    }
  });
  const listen = (port) => new Promise((done) => proxy.listen(port, "127.0.0.1", done));
  await listen(0);
  const { port } = proxy.address();
  const cut = () => new Promise((done) => { proxy.close(done); open.forEach((each) => each.destroy()); });
  return { origin: `http://127.0.0.1:${port}`, cut, mend: () => listen(port) };
}

/** TS-05: the till is started again while the network is gone; its clock is an hour fast. */
async function startedAgainOffline() {
  const where = "started again offline";
  const line = await network();
  const made = await context();
  const page = await made.newPage();
  await signIn(page, line.origin);
  const member = await enrol("Zhao Min", 4);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await (await caches.open("perennial-till")).match("/till")) !== undefined);
  await made.addInitScript(() => {
    const real = Date.now.bind(Date);
    Date.now = () => real() + 3_600_000;
  });
  await page.reload();
  await page.waitForFunction(() => Math.abs(Till.offset() + 3_600_000) < 5_000);
  await line.cut();
  await page.reload();
  await page.waitForSelector('[data-connection="offline"]');
  await scan(page, `+86${numberOf(4)}`);
  await scan(page, "10");
  await page.click("#pay");
  await page.waitForSelector("#slip:not([hidden])");
  expect(/-60 minutes/.test(await page.innerText("#slip [data-clock]")), where, `the clock: ${await page.innerText("#slip")}`);
  await page.reload();
  await page.waitForSelector("#queue:not([hidden])");
  expect(/queued 1/.test(await page.innerText("#connection")), where, "the queue did not survive");
  await line.mend();
  await page.waitForFunction(() => document.getElementById("queue").hidden);
  const recorded = await entriesOf(member, "purchase_recorded");
  expect(recorded.length === 1, where, `${recorded.length} purchases in the ledger`);
  const sold = Date.parse(recorded[0]?.occurred_at);
  expect(Math.abs(sold - Date.now()) < 120_000, where, `sold at ${recorded[0]?.occurred_at}`);
  await made.close();
  await line.cut();
}

async function withoutScript() {
  const made = await browser.newContext({ locale: "en", javaScriptEnabled: false, viewport: TABLET });
  made.setDefaultTimeout(PATIENCE);
  const page = await made.newPage();
  const where = "without script";
  watch(page, () => where);
  await signIn(page);
  await enrol("Sun Yu", 5);
  for (const text of [numberOf(5), "12.50"]) {
    await page.fill("#entry", text);
    await Promise.all([page.waitForEvent("load"), page.press("#entry", "Enter")]);
  }
  expect(/12\.50/.test(await page.innerText("#total")), where, "no total");
  await page.click("#pay");
  await page.waitForURL(/\/till\/receipts\//);
  await page.goto(`${base}/till/returns`);
  await page.goBack();
  await page.click("text=Take goods back");
  await page.click('button[value="all"]');
  expect(/12\.50/.test(await page.innerText(".effect output")), where, "no money back");
  await page.click('button[value="record"]');
  await page.waitForURL(/\/till\/receipts\/R-/);
  await made.close();
}

async function aCashierSeesNothingElse() {
  const made = await context();
  const page = await made.newPage();
  const where = "a cashier";
  await signIn(page);
  for (const path of ["/console/members", "/console/programme", "/console/people"]) {
    const answer = await page.request.get(base + path);
    expect(answer.status() === 403, where, `${path} answers ${answer.status()}`);
  }
  await page.goto(`${base}/console`);
  expect(new URL(page.url()).pathname === "/till", where, `the console leads to ${page.url()}`);
  await page.click(".who button");
  await page.waitForURL(/sign-in/);
  await made.close();
}

// --- every page, every way of reading it ---------------------------------------------------------

let tourMember;
let tourVoucher;
async function tour(reference, language, scheme, size, viewport) {
  const made = await context({ language, scheme, viewport });
  const page = await made.newPage();
  let where = "";
  watch(page, () => where);
  await signIn(page);
  tourMember ??= await enrol("林小满", 9, 3_000);
  tourVoucher ??= (await issue(server, "ten_off", 1))[0];
  const shot = async (name) => {
    where = `${name} ${language} ${scheme} ${size}`;
    await judge(page, where, language);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${language}-${scheme}-${size}.png`), fullPage: true });
  };
  await page.waitForSelector('[data-connection="online"]');
  await shot("till");
  await scan(page, numberOf(9));
  for (const text of ["Longjing 128", "2*12.50", "6901234567892"]) await scan(page, text);
  await scan(page, "45");
  await page.fill("#line-2-category", "coffee");
  await scan(page, tourVoucher);
  await page.waitForSelector("#vouchers .voucher-off");
  await page.waitForFunction(() => document.querySelectorAll(".quote .rules li").length >= 2);
  await page.click('button[value="points-more"]');
  await page.waitForFunction(() => document.getElementById("points").value === "500");
  await shot("till-sale");
  const covered = await page.evaluate(() => [...document.querySelectorAll("#lines .line")].some((line) => {
    const boxes = [...line.querySelectorAll("input, button, output")].map((each) => each.getBoundingClientRect());
    return boxes.some((one, at) => boxes.slice(at + 1).some((other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1));
  }));
  expect(!covered, where, "parts of a line cover each other");
  await page.goto(`${base}/till/receipts/${reference}`);
  await shot("till-receipt");
  await page.goto(`${base}/till/returns`);
  await shot("till-returns");
  await page.goto(`${base}/till/returns?reference=${reference}`);
  await page.fill("#quantity-0", "1");
  await page.waitForSelector(".effect");
  await shot("till-return");
  await made.close();
}

const parts = process.argv.slice(3);
/** Does a part unless others were named; what it throws is a fault. */
const part = (name, work) => (parts.length && !name.split(" ").some((one) => parts.includes(one)) ? undefined : attempt(name, work));
const reference = await part("sale", sell);
await part("points", payWithPoints);
await part("voucher", sellWithVoucher);
await part("voucher offline", vouchersOffline);
await part("offline", offline);
await part("offline points", pointsOffline);
await part("offline session", signedOutMeanwhile);
await part("again", startedAgainOffline);
for (const [name, work] of Object.entries(troubles({ base, server, context, signIn, enrol, entriesOf, numberOf, scan, api }))) await part(`trouble ${name}`, work);
await part("script", withoutScript);
await part("cashier", aCashierSeesNothingElse);
for (const language of ["zh-CN", "en"]) {
  for (const scheme of ["light", "dark"]) {
    for (const [size, viewport] of [["tablet", TABLET], ["portrait", PORTRAIT], ["phone", PHONE]]) {
      if (reference) await part(`tour ${language} ${scheme} ${size}`, () => tour(reference, language, scheme, size, viewport));
    }
  }
}
await browser.close();

report("till", began);
