// The till where something stands between it and the server, or the session ends: pages of proxies and of sign-ons to
// networks, answers that are lost, devices that are full, cashiers who change.

import { createServer, request } from "node:http";
import { join } from "node:path";
import { SCREENSHOTS, expect, judge } from "./browser.mjs";

const HTML = { "Content-Type": "text/html" };
/** What others answer in the server's place: a sign-on to the network, a proxy without a server behind it. */
const portal = (_, to) => to.writeHead(200, HTML).end("<!doctype html><title>Guest network</title><h1>Welcome, please sign on</h1>");
const badGateway = (_, to) => to.writeHead(502, HTML).end("<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>");
const toSignOn = (_, to) => to.writeHead(302, { Location: "/console/sign-in" }).end();

/** A real proxy before the server. `between` may answer in its place; `lost` passes a request on and keeps the answer. */
async function gateway(base) {
  const target = new URL(base);
  const gate = { between: null, lost: null, seen: 0 };
  const proxy = createServer((from, to) => {
    if (from.url === "/till/purchases") gate.seen += 1;
    const instead = gate.between?.(from);
    const lost = !instead && gate.lost?.(from);
    if (instead) { from.resume(); return instead(from, to); }
    const { method, url: path, headers } = from;
    const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      if (!lost) { to.writeHead(answer.statusCode, answer.headers); answer.pipe(to); return; }
      answer.resume().on("end", () => lost(from, to));
    });
    onward.on("error", () => badGateway(from, to));
    return from.pipe(onward);
  });
  await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
  gate.origin = `http://127.0.0.1:${proxy.address().port}`;
  gate.close = () => { proxy.close(); proxy.closeAllConnections(); };
  return gate;
}

/** The troubles, by name; `tools` are the till's own ways to sign in, enrol, scan and look at the ledger. */
export function troubles({ base, server, context, signIn, enrol, entriesOf, numberOf, scan, api }) {
  const purchases = (path) => path.url === "/till/purchases";
  const queueLength = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("perennial-till-queue") ?? "[]").length);
  const isGone = (page) => page.waitForFunction(() => document.getElementById("queue").hidden);
  const isConnected = (page, is) => page.waitForSelector(`[data-connection="${is ? "online" : "offline"}"]`);
  const once = async (member, where) => expect((await entriesOf(member, "purchase_recorded")).length === 1, where, `recorded ${(await entriesOf(member, "purchase_recorded")).length} times`);
  const fillIn = async (page, member, price) => {
    await scan(page, member);
    await scan(page, price);
    await page.waitForFunction(() => !document.getElementById("pay").disabled);
  };
  const keepOne = async (page, member, price = "12.50") => {
    await fillIn(page, member, price);
    await page.click("#pay");
    await page.waitForSelector("#slip:not([hidden])");
  };
  const until = async (holds) => { for (let tries = 0; tries < 200 && !(await holds()); tries += 1) await new Promise((next) => setTimeout(next, 100)); };
  const begin = async () => {
    const gate = await gateway(base);
    const made = await context();
    const page = await made.newPage();
    await signIn(page, gate.origin);
    await isConnected(page, true);
    return { gate, page, made, end: async () => { await made.close(); gate.close(); } };
  };
  const signInHere = async (page, name = server.cashier, password = server["cashier password"]) => {
    await page.fill("#name", name);
    await page.fill("#password", password);
    await page.click(".door button.main");
    await page.waitForURL((url) => url.pathname === "/till");
  };

  async function strangersAnswer() {
    const where = "strangers answer";
    const { gate, page, end } = await begin();
    const member = await enrol("Gao Yuan", 20);
    gate.between = () => portal;
    await page.evaluate(() => Till.beat(""));
    await isConnected(page, false);
    await keepOne(page, member.phone);
    for (const stranger of [portal, toSignOn, badGateway]) {
      gate.between = (from) => (purchases(from) ? stranger : null);
      const before = gate.seen;
      await until(() => gate.seen > before + 1);
      expect((await queueLength(page)) === 1, where, `${stranger.name} took the receipt`);
    }
    gate.between = null;
    await isGone(page);
    await once(member, where);
    await end();
  }

  async function answerIsOld() {
    const where = "answer is old";
    const { page, made, end } = await begin();
    let [asked, release] = [];
    const [isAsked, isReleased] = [new Promise((done) => { asked = done; }), new Promise((done) => { release = done; })];
    await page.route("**/healthz", async (route) => {
      const response = await route.fetch();
      asked();
      await isReleased;
      await route.fulfill({ response });
    });
    const heard = page.evaluate(() => Till.beat(""));
    await isAsked;
    await made.setOffline(true);
    await isConnected(page, false);
    release();
    await heard;
    const connection = await page.getAttribute("body", "data-connection");
    expect(connection === "offline", where, "what was asked before the network went away counts as a connection");
    await end();
  }

  async function serverStartsAgain() {
    const where = "server starts again";
    const { gate, page, end } = await begin();
    const member = await enrol("He Jun", 21);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(async () => (await (await caches.open("perennial-till")).match("/till")) !== undefined);
    await page.reload();
    await isConnected(page, true);
    gate.between = () => badGateway;
    await keepOne(page, member.phone);
    await page.reload();
    expect((await page.locator("#sale").count()) === 1, where, `the page is ${await page.title()}`);
    await page.waitForSelector("#queue:not([hidden])");
    gate.between = () => portal;
    await page.reload();
    gate.between = () => badGateway;
    await page.reload();
    expect((await page.locator("#sale").count()) === 1, where, "a stranger's page was kept as the till");
    gate.between = null;
    await isGone(page);
    await once(member, where);
    await end();
  }

  async function deviceIsFull() {
    const where = "device is full";
    const { gate, page, end } = await begin();
    gate.between = () => badGateway;
    await page.evaluate(() => Till.beat(""));
    await isConnected(page, false);
    await keepOne(page, `+86${numberOf(22)}`);
    await page.evaluate(() => {
      let text = "";
      for (let size = 1 << 22; size >= 1; size = size >> 1) {
        try { localStorage.setItem("fill", text + "x".repeat(size)); text += "x".repeat(size); } catch { /* Too much: try less. */ }
      }
    });
    gate.between = null;
    await page.waitForSelector("#queue .badge.failed");
    gate.between = () => badGateway;
    await page.evaluate(() => Till.beat(""));
    await isConnected(page, false);
    gate.between = null;
    await isConnected(page, true);
    await page.evaluate(() => localStorage.removeItem("fill"));
    // Whom nobody knows can be enrolled from the row of the receipt.
    await judge(page, where, "en");
    await page.screenshot({ path: join(SCREENSHOTS, "till-refused-member.png"), fullPage: true });
    await page.click("#queue [data-enrol]");
    await isGone(page);
    const found = await api(`/members/lookup?kind=phone&value=${encodeURIComponent(`+86${numberOf(22)}`)}`);
    expect(found.status === 200, where, `the member answers ${found.status}`);
    await end();
  }

  async function answerIsLost() {
    const where = "answer is lost";
    const { gate, page, end } = await begin();
    const member = await enrol("Deng Li", 23, 2_000);
    await fillIn(page, numberOf(23), "20");
    await page.click('button[value="points-most"]');
    await page.waitForFunction(() => document.getElementById("points").value === "1000");
    gate.lost = (from) => (purchases(from) ? badGateway : null);
    gate.between = (from) => (purchases(from) && gate.seen === 1 ? null : badGateway);
    await page.click("#pay");
    await page.waitForSelector("#pay-fault:not([hidden])");
    expect(/nobody knows/.test(await page.innerText("#pay-fault")), where, await page.innerText("#pay-fault"));
    expect((await page.inputValue("#points")) === "1000", where, "other money is asked for");
    await once(member, where);
    await judge(page, where, "en");
    await page.screenshot({ path: join(SCREENSHOTS, "till-unknown.png"), fullPage: true });
    [gate.between, gate.lost] = [null, null];
    await page.waitForURL(/\/till\/receipts\//);
    await once(member, where);
    const { units } = (await api(`/members/${member.id}/balance`)).body;
    expect(units[0].available === 1_000, where, `left: ${JSON.stringify(units)}`);
    await end();
  }

  async function returnIsLost() {
    const where = "return is lost";
    const { gate, page, end } = await begin();
    const member = await enrol("Cao Fei", 24);
    await fillIn(page, numberOf(24), "2*20");
    await page.click("#pay");
    await page.waitForURL(/\/till\/receipts\//);
    await page.click("text=Take goods back");
    await page.fill("#quantity-0", "1");
    await page.waitForSelector(".effect");
    const number = await page.inputValue("form.return [name=reference]");
    gate.lost = (from) => (from.url === "/till/returns" && from.method === "POST" ? badGateway : null);
    await page.click('button[value="record"]');
    await page.waitForSelector("#return-unknown:not([hidden])");
    expect((await page.inputValue("form.return [name=reference]")) === number, where, "the return has another number");
    await judge(page, where, "en");
    await page.screenshot({ path: join(SCREENSHOTS, "till-return-unknown.png"), fullPage: true });
    gate.lost = null;
    await page.click('button[value="record"]');
    await page.waitForURL(new RegExp(`/till/receipts/${number}`));
    expect((await entriesOf(member, "return_recorded")).length === 1, where, "not returned once");
    await end();
  }

  async function sessionEnds() {
    const where = "session ends";
    const { page, made, end } = await begin();
    const member = await enrol("Fang Ke", 25);
    await fillIn(page, numberOf(25), "Longjing 30");
    await made.clearCookies();
    await page.focus("#entry");
    await page.keyboard.type("5\n");
    await page.waitForURL(/sign-in/);
    await signInHere(page);
    await page.waitForFunction(() => document.querySelectorAll("#lines .line").length === 1 && !document.getElementById("pay").disabled);
    expect((await page.inputValue("#line-0-item")) === "Longjing" && /30\.00/.test(await page.innerText("#total")), where, "the basket is gone");
    await made.clearCookies();
    await page.click("#pay");
    await page.waitForURL(/sign-in/);
    await signInHere(page);
    await until(async () => (await entriesOf(member, "purchase_recorded")).length > 0);
    await once(member, where);
    expect((await page.locator("#lines .line").count()) === 0, where, "what was paid is in the basket");
    await end();
  }

  async function cashiersChange() {
    const where = "cashiers change";
    const { gate, page, end } = await begin();
    const member = await enrol("Peng Bo", 26);
    gate.between = (from) => (purchases(from) || from.url === "/healthz" ? badGateway : null);
    await page.evaluate(() => Till.beat(""));
    await keepOne(page, member.phone);
    await page.click(".who button");
    expect(/Receipts wait/.test(await page.innerText(".who button")), where, "signs out without a word");
    await judge(page, where, "en");
    await page.click(".who button");
    await page.waitForURL(/sign-in/);
    await page.goto(`${gate.origin}/console/sign-in?next=/till`);
    await signInHere(page, server.user, server.password);
    gate.between = null;
    await isGone(page);
    const [sold] = await entriesOf(member, "purchase_recorded");
    expect(sold?.actor === `console:${server.cashier}`, where, `sold by ${sold?.actor}`);
    await end();
  }

  async function namesAreLong() {
    const where = "names are long";
    const { gate, page, end } = await begin();
    gate.between = () => badGateway;
    await page.evaluate(() => Till.beat(""));
    await fillIn(page, `+86${numberOf(27)}`, "10");
    await page.fill("#line-0-item", "茶".repeat(43));
    await page.waitForFunction(() => document.getElementById("pay").disabled);
    expect(/too long/.test(await page.innerText("#line-0-fault")), where, "not said");
    await page.fill("#line-0-item", "茶".repeat(42));
    await page.waitForFunction(() => !document.getElementById("pay").disabled);
    await end();
  }

  async function tapsAreDouble() {
    for (const connected of [true, false]) {
      const where = `taps are double, ${connected ? "with" : "without"} a connection`;
      const { gate, page, end } = await begin();
      gate.between = connected ? null : () => badGateway;
      await page.evaluate(() => Till.beat(""));
      for (const text of ["tea 1.00", "cups 2.00", "pots 3.00"]) await scan(page, text);
      await page.waitForFunction(() => document.querySelectorAll("#lines .line").length === 3);
      const items = () => page.locator('#lines [name$="-item"]').evaluateAll((all) => all.map((each) => each.value).join());
      await page.dblclick('button[value="drop-0"]');
      await until(async () => (await items()) !== "tea,cups,pots");
      await page.evaluate(() => run(() => {}));
      expect((await items()) === "cups,pots", where, `left: ${await items()}`);
      await end();
    }
  }

  async function signedOutWithAQueue() {
    const where = "signed out with a queue";
    const { gate, page, made, end } = await begin();
    gate.between = () => badGateway;
    await page.evaluate(() => Till.beat(""));
    await keepOne(page, `+86${numberOf(28)}`);
    gate.between = null;
    await page.waitForSelector("#queue .badge.failed");
    gate.between = () => badGateway;
    await page.evaluate(() => Till.beat(""));
    await keepOne(page, `+86${numberOf(29)}`);
    await made.clearCookies();
    gate.between = null;
    await page.waitForSelector("#connection a:not([hidden])");
    await page.click("#queue [data-discard]:visible");
    const before = gate.seen;
    await until(() => gate.seen > before + 1);
    expect(await page.evaluate(() => document.activeElement.matches("[data-discard][data-asked]")), where, "the focus or the question is gone");
    await end();
  }

  return { strangersAnswer, answerIsOld, serverStartsAgain, deviceIsFull, answerIsLost, returnIsLost, sessionEnds, cashiersChange, namesAreLong, tapsAreDouble, signedOutWithAQueue };
}
