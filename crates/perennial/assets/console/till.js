// The till's page: every key and every scan sends the form and shows it as it comes back. While the connection is away
// it fills the basket itself and keeps the receipt. No words here: they stand in the page.
"use strict";

const SIGN_IN = "/console/sign-in?next=/till";
const part = (id) => document.getElementById(id);
const sale = () => part("sale");
const entry = () => part("entry");
const say = (text) => { part("announcements").textContent = text; };
const csrf = () => part("queue").dataset.csrf;
const zone = () => part("queue").dataset.zone;
const cashier = () => part("queue").dataset.cashier;
const BASKET = "perennial-till-basket";

/** Whether this page is being left: what is pressed meanwhile belongs to nobody. */
let leaving = false;
function leave(address) {
  leaving = true;
  location.assign(address);
}

// One thing after another: a scanner is faster than an answer.
let chain = Promise.resolve();
const run = (work) => { chain = chain.then(work, work); return chain; };

// --- numbers, for the time without a server --------------------------------------------------------

const decimals = () => Number(sale().dataset.decimals);
const plain = (text) => text.trim().replace(/[０-９]/g, (c) => String(c.charCodeAt(0) - 0xff10)).replace(/[．。]/g, ".").replace(/[−－]/g, "-").replace(/，/g, ",").replace(/[¥￥$€£]/g, "");

/** A number in whole units of its last decimal, as the server reads it; null where it would not. */
function readNumber(text, places) {
  const found = plain(text).match(/^(-?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/);
  if (!found || !/\d/.test(found[0])) return null;
  const fraction = (found[3] ?? "").replace(/0+$/, "");
  if (fraction.length > places) return null;
  const size = BigInt(found[2].replaceAll(",", "") + fraction.padEnd(places, "0") || "0");
  return found[1] ? -size : size;
}

function lineAmount(line) {
  const value = (name) => line.querySelector(`[name$="-${name}"]`).value;
  const [quantity, price] = [readNumber(value("quantity"), 3), readNumber(value("price"), decimals())];
  if (quantity === null || price === null || quantity <= 0n) return null;
  const exact = quantity * price;
  return exact < 0n ? -((-exact + 500n) / 1000n) : (exact + 500n) / 1000n;
}

function money(amount) {
  const { currency } = sale().dataset;
  if (!currency) return "";
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
  return format.format(Number(amount) / 10 ** decimals());
}

// --- the basket, without a server ------------------------------------------------------------------

const lines = () => [...part("lines").children];
const vouchers = () => [...part("vouchers").children];
const discount = () => BigInt(sale().elements.discount.value || "0");

/** Whether a name is longer than the rules take: they count bytes, of which a Chinese character has three. */
function isTooLong(line) {
  const fault = line.querySelector(".line-fault");
  const long = ["item", "category"].some((name) => new TextEncoder().encode(line.querySelector(`[name$="-${name}"]`).value.trim()).length > Number(fault.dataset.bytes));
  if (long) fault.textContent = fault.dataset.tooLong;
  else if (fault.textContent === fault.dataset.tooLong) fault.textContent = "";
  return long;
}

/** Reckons the basket; whether it can be paid. */
function reckon() {
  const amounts = lines().map(lineAmount);
  lines().forEach((line, at) => { line.querySelector("[data-amount]").textContent = amounts[at] === null ? "" : money(amounts[at]); });
  const whole = amounts.every((amount) => amount !== null);
  // What vouchers take off, the server knows: it was said before the connection went away, or it is nothing yet.
  const total = whole ? money(amounts.reduce((sum, amount) => sum + amount, -discount())) : "–";
  part("total").textContent = total;
  part("to-pay").textContent = whole ? total : "";
  const tooLong = lines().filter(isTooLong).length > 0;
  const ready = whole && !tooLong && amounts.length > 0 && sale().elements.member.value !== "";
  part("pay").disabled = !ready;
  return { ready, total };
}

function addLine(item, quantity, price) {
  const last = lines().at(-1);
  const lacking = last?.querySelector('[name$="-price"]');
  if (lacking && !lacking.value && !item) {
    lacking.value = price;
    return;
  }
  newLine({ item, quantity, price });
}

function newLine(values) {
  const number = lines().reduce((most, line) => Math.max(most, Number(line.dataset.line)), -1) + 1;
  const html = part("line-template").innerHTML.replaceAll(/(line|less|more|drop)-N(?=[-"])/g, `$1-${number}`).replace('data-line="N"', `data-line="${number}"`);
  part("lines").insertAdjacentHTML("beforeend", html);
  const line = part("lines").lastElementChild;
  for (const [name, value] of Object.entries(values)) line.querySelector(`[name$="-${name}"]`).value = value;
}

/** A voucher's code in normal form, if the text is one by its check character: as the server reads it, over the field
    of 32 elements. Digits alone are a card or an article. */
function voucherCode(text) {
  const code = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  if (!/\p{L}/u.test(text) || !/^(.{16}|.{30})$/.test(code) || /-\d{6}-[0-9A-Z]{6}$/.test(text)) return null;
  let sum = 0;
  for (const character of code) {
    const digit = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(character);
    if (digit < 0) return null;
    sum = (sum & 16 ? (sum << 1) ^ 37 : sum << 1) ^ digit;
  }
  return sum === 0 ? code : null;
}

function addVoucher(code) {
  if (vouchers().some((each) => each.querySelector("[data-code]").value === code)) return;
  const number = vouchers().length;
  part("vouchers").insertAdjacentHTML("beforeend", part("voucher-template").innerHTML);
  const row = part("vouchers").lastElementChild;
  const [field, name, drop] = ["[data-code]", "b", "button"].map((each) => row.querySelector(each));
  field.value = code;
  name.textContent = code.match(/.{1,4}/g).join("-");
  row.querySelector("[data-shown]").textContent = "";
  drop.setAttribute("aria-label", `${drop.getAttribute("aria-label")} ${name.textContent}`);
  field.name = `voucher-${number}`;
  drop.value = `voucher-drop-${number}`;
}

/** Takes a voucher out; the others move up. */
function dropVoucher(number) {
  vouchers()[number]?.remove();
  vouchers().forEach((row, at) => {
    row.querySelector("[data-code]").name = `voucher-${at}`;
    row.querySelector("button").value = `voucher-drop-${at}`;
  });
}

const checks = (digits, factor) => [...digits].reverse().reduce((sum, digit, place) => sum + factor(Number(digit), place), 0) % 10 === 0;
const isArticle = (code) => /^(\d{8}|\d{12,14})$/.test(code) && checks(code, (digit, place) => (place % 2 ? 3 * digit : digit));
const isCard = (code) => /^\d{8,19}$/.test(code) && checks(code, (digit, place) => (place % 2 ? (digit < 5 ? 2 * digit : 2 * digit - 9) : digit));
const isPrice = (text) => readNumber(text, decimals()) !== null && plain(text).split(".")[0].replace(/\D/g, "").length <= 7;

function setMember(text) {
  const box = part("till-member");
  sale().elements.member.value = text;
  box.classList.toggle("nobody", !text);
  const shown = document.createElement(text ? "b" : "p");
  shown.textContent = text || box.dataset.missing;
  shown.className = text ? "mono" : "muted";
  const note = document.createElement("span");
  note.className = "muted";
  note.textContent = text ? box.dataset.unchecked : "";
  const name = document.createElement("div");
  name.className = "till-member-name";
  name.append(shown, note);
  const clear = box.querySelector("button");
  clear.hidden = !text;
  box.replaceChildren(name, clear);
}

function takeLocally(text, action) {
  // What the preview said of vouchers no longer holds.
  sale().elements.discount.value = "";
  const [what, number] = action.split("-");
  if (action.startsWith("voucher-drop-")) dropVoucher(Number(action.split("-")[2]));
  const line = part("lines").querySelector(`[data-line="${number}"]`);
  if (what === "drop") line?.remove();
  if (line && (what === "more" || what === "less")) {
    const field = line.querySelector('[name$="-quantity"]');
    const next = (readNumber(field.value, 3) ?? 0n) + (what === "more" ? 1000n : -1000n);
    field.value = String(Number(next < 1000n ? 1000n : next) / 1000);
  }
  if (action === "member-clear") setMember("");
  const times = text.match(/^(.+?)[*×＊xX](.+)$/);
  const priced = text.match(/^(.*\S)\s+(\S+)$/);
  const digits = text.replace(/[ -]/g, "");
  if (!text) { /* A key, not a scan. */ }
  else if (/@|^mem_|^[+＋]/.test(text)) setMember(text);
  else if (voucherCode(text)) addVoucher(voucherCode(text));
  else if (times && readNumber(times[1], 3) !== null && readNumber(times[2], decimals()) !== null) addLine("", times[1].trim(), times[2].trim());
  else if (isPrice(text)) addLine("", "1", text);
  else if (priced && isPrice(priced[2]) && (/\./.test(priced[2]) || /\p{L}/u.test(priced[1]))) addLine(priced[1], "1", priced[2]);
  else if (!isArticle(digits) && (isCard(digits) || /^\d{10,12}$/.test(digits))) setMember(digits);
  else addLine(text, "1", "");
  reckon();
}

/** A page that the device kept has the secret of another session: the server gives one of this. */
function renew() {
  if (!leaving) {
    stash();
    location.reload();
  }
  leaving = true;
}

// --- the basket, while the page is away ------------------------------------------------------------

/** Keeps what is being sold while somebody signs in or takes something back. A held sale is in the queue. */
function stash() {
  if (!sale() || isHeld() || (!lines().length && !sale().elements.member.value)) return;
  const body = new URLSearchParams(new FormData(sale()));
  for (const name of ["csrf", "entry", "action"]) body.delete(name);
  try {
    sessionStorage.setItem(BASKET, body.toString());
  } catch {
    // A full device loses the basket, as it did before.
  }
}

function unstash() {
  const text = sessionStorage.getItem(BASKET);
  if (!text) return;
  sessionStorage.removeItem(BASKET);
  const body = new URLSearchParams(text);
  const { elements } = sale();
  for (const name of ["reference", "occurred_at", "attempted", "store", "method"]) if (body.get(name)) elements[name].value = body.get(name);
  for (const name of body.keys()) {
    const number = name.match(/^line-(\d+)-price$/)?.[1];
    if (number) newLine(Object.fromEntries(["item", "category", "quantity", "price"].map((each) => [each, body.get(`line-${number}-${each}`) ?? ""])));
  }
  setMember(body.get("member") ?? "");
  reckon();
  run(() => change("keep", "", body));
}

// --- the form, with a server -----------------------------------------------------------------------

/** Which field has the focus and what is typed in it, to go on after the form was replaced. */
function place() {
  const at = document.activeElement;
  const typing = at?.closest("#sale-place") && at.matches("input:not([type=hidden], [type=radio], [type=checkbox])");
  const open = [...document.querySelectorAll("#sale-place details[open]")].map((details) => details.id || details.className);
  return { id: typing ? at.id : "", value: at?.value, start: at?.selectionStart, typed: entry()?.value ?? "", key: at?.matches(":focus-visible") && at.matches("button[name=action]") ? at.value : "", open };
}

function goOn(before, sent) {
  entry().value = before.typed;
  for (const details of document.querySelectorAll("#sale-place details")) details.open = before.open.includes(details.id || details.className);
  const field = before.id && before.id !== "entry" && part(before.id);
  if (field) {
    field.focus();
    // What was typed while the answer was under way is newer than the answer.
    if (before.value !== sent) field.value = before.value;
    field.setSelectionRange(before.start, before.start);
    return;
  }
  (before.key && sale().querySelector(`button[value="${before.key}"]:not(:disabled)`) || entry()).focus();
}

const isSale = ({ text }) => text.includes('<form id="sale"');

async function change(action, text = "", form = new FormData(sale())) {
  if (isHeld()) return;
  if (!Till.connected()) return takeLocally(text, action);
  const body = new URLSearchParams(form);
  body.set("csrf", csrf());
  body.set("entry", text);
  body.set("action", action);
  const sent = document.activeElement?.value;
  const answer = await Till.post("/till", body, isSale);
  if (!answer) return takeLocally(text, action);
  if (answer.lead) {
    stash();
    return leave(Till.signedOut() ? SIGN_IN : answer.lead);
  }
  if (Till.isForbidden(answer)) return renew();
  const html = answer.text;
  const before = place();
  part("sale-place").innerHTML = html;
  equip();
  goOn(before, sent);
  if (text) part("lines").lastElementChild?.scrollIntoView({ block: "nearest" });
  say([...document.querySelectorAll("#quote .till-total, #quote .error, #entry-fault, #vouchers .voucher, #quote .gain")].map((each) => each.innerText).join(" "));
}

// --- paying ----------------------------------------------------------------------------------------

function drawReference() {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const chance = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => letters[byte % 32]).join("");
  // Sweden writes a day as ISO 8601 does.
  const day = new Intl.DateTimeFormat("sv", { timeZone: zone() }).format(Till.now()).slice(2).replaceAll("-", "");
  return `${sale().elements.store.value || "T"}-${day}-${chance}`;
}

function newSale() {
  const { elements } = sale();
  for (const name of ["occurred_at", "attempted", "points", "discount"]) if (elements[name]) elements[name].value = "";
  elements.reference.value = drawReference();
  part("lines").replaceChildren();
  part("vouchers").replaceChildren();
  setMember("");
  reckon();
  entry().value = "";
}

function refuse(sentence) {
  const fault = part("pay-fault");
  fault.textContent = sentence;
  fault.hidden = false;
  part("pay").scrollIntoView({ block: "nearest" });
}

const isHeld = () => Boolean(sale()?.dataset.unanswered);

/** Holds a sale whose outcome nobody knows: nothing of it may change until the server has said what became of it. */
function hold(how) {
  sale().dataset.unanswered = how;
  document.querySelectorAll(".sale-left, #points-box, .methods").forEach((each) => { each.inert = Boolean(how); });
  part("set-aside").hidden = how !== "queued";
}

/** The sale as it was sent waits in the queue, which repeats it under its number when the server is back. */
function holdUnanswered(sentence) {
  const kept = isHeld() || addToQueue(formToKeep(["csrf", "entry", "action"]));
  if (!isHeld()) hold(kept ? "queued" : "unkept");
  refuse(sentence);
}

/** What became of a held sale: the queue no longer has it, or has it refused. */
function showHeld(waiting) {
  if (sale()?.dataset.unanswered !== "queued" || leaving) return;
  const reference = sale().elements.reference.value;
  const item = waiting.find((each) => each.reference === reference);
  if (!item) return leave(`/till/receipts/${encodeURIComponent(reference)}`);
  if (item.state !== "refused") return;
  hold("");
  Till.settle(reference, null);
  refuse(item.why);
}

async function pay() {
  if (leaving) return;
  const { elements } = sale();
  part("pay-fault").hidden = true;
  if (!Till.connected() && elements.attempted.value !== "yes" && discount() > 0n) {
    elements.discount.value = "";
    reckon();
    return refuse(part("pay-fault").dataset.vouchers);
  }
  // The time is settled before the first try, so that every other is the same document.
  if (elements.attempted.value !== "yes" && (!Till.connected() || !elements.occurred_at.value)) elements.occurred_at.value = Till.now().toISOString();
  elements.attempted.value = "yes";
  const spends = Number(elements.points?.value.replace(/\D/g, "") || 0) > 0;
  const words = part("pay-fault").dataset;
  if (Till.connected() || isHeld()) {
    part("pay").setAttribute("aria-busy", "true");
    const answer = await Till.record(new URLSearchParams(new FormData(sale())), csrf());
    part("pay").removeAttribute("aria-busy");
    if (leaving) return;
    if (answer.kind === "recorded") {
      hold("");
      Till.settle(elements.reference.value, null);
      return leave(answer.receipt);
    }
    if (answer.kind === "signed-out" || answer.kind === "stale") {
      // Nothing was recorded. The receipt goes once somebody has signed in; with points, the basket comes back.
      if (spends || !keepReceipt()) stash();
      return answer.kind === "stale" ? renew() : leave(SIGN_IN);
    }
    if (answer.kind === "refused") {
      if (isHeld()) {
        hold("");
        Till.settle(elements.reference.value, null);
      }
      // A preview that no longer holds is made anew.
      if (answer.code === "vouchers_changed") await change("keep");
      return refuse(answer.sentence);
    }
    if (spends) return holdUnanswered(answer.sentence ?? words.unknown);
    if (answer.kind === "busy") return refuse(answer.sentence);
  }
  if (spends) {
    elements.points.value = "0";
    reckon();
    return refuse(words.points);
  }
  keepReceipt();
}

function formToKeep(without) {
  const body = new URLSearchParams(new FormData(sale()));
  for (const name of without) body.delete(name);
  body.set("sold_by", cashier());
  return body;
}

/** Whether the device could keep it. */
function addToQueue(body) {
  const [reference, at] = [body.get("reference"), body.get("occurred_at")];
  try {
    Till.add({ reference, at, total: part("total").textContent, cashier: cashier(), body: body.toString() });
    return true;
  } catch {
    return false;
  }
}

/** Whether the receipt is kept, and the next sale can begin. */
function keepReceipt() {
  const { ready, total } = reckon();
  if (!ready) return false;
  const body = formToKeep(["csrf", "entry", "action", "points"]);
  body.set("queued", "yes");
  if (!addToQueue(body)) {
    refuse(part("pay-fault").dataset.storage);
    return false;
  }
  const slip = part("slip");
  slip.querySelector("[data-reference]").textContent = body.get("reference");
  slip.querySelector("[data-total]").textContent = total;
  const minutes = Math.round(Till.offset() / 60_000);
  const clock = slip.querySelector("[data-clock]");
  clock.hidden = minutes === 0;
  clock.textContent = clock.dataset.text.replace("%n", String(minutes));
  slip.querySelector("[data-lines]").replaceChildren(...lines().map(slipLine), ...vouchers().map(slipVoucher));
  slip.hidden = false;
  slip.focus();
  newSale();
  return true;
}

function slipLine(line) {
  const value = (name) => line.querySelector(`[name$="-${name}"]`).value;
  const [row, amount] = [document.createElement("li"), document.createElement("span")];
  amount.className = "num";
  amount.textContent = line.querySelector("[data-amount]").textContent;
  row.append(`${value("item")} × ${value("quantity")}`, amount);
  return row;
}

function slipVoucher(voucher) {
  const row = document.createElement("li");
  row.textContent = voucher.querySelector("b").textContent;
  return row;
}

// --- what the till knows of itself -----------------------------------------------------------------

let wasConnected = true;
function showState() {
  const kept = Till.queued();
  const waiting = kept.filter((item) => item.state !== "uploaded");
  const pill = part("connection");
  const words = pill.dataset;
  const text = Till.signedOut() ? words.signedOut : Till.connected() ? (waiting.length ? words.onlineQueued : words.online) : waiting.length ? words.offlineQueued : words.offline;
  pill.hidden = false;
  pill.querySelector("a").hidden = !Till.signedOut();
  const shown = text.replace("%n", String(waiting.length));
  const label = pill.querySelector("span");
  if (label.textContent !== shown) label.textContent = shown;
  document.body.dataset.connection = Till.connected() ? "online" : "offline";
  showQueue(kept);
  showHeld(kept);
  const slip = part("slip");
  if (slip && !slip.hidden && !waiting.some((item) => item.reference === slip.querySelector("[data-reference]").textContent)) slip.hidden = true;
  if (sale() && Till.connected() && !wasConnected && (lines().length || sale().elements.member.value)) run(() => change("keep"));
  wasConnected = Till.connected();
}

/** Rows of receipts that did not change stay as they are, with the focus and what was asked of them. */
function showQueue(kept) {
  const [box, list] = [part("queue"), part("queue").querySelector("ul")];
  box.hidden = kept.length === 0;
  const shown = new Map([...list.children].map((row) => [row.dataset.item, row]));
  const rows = kept.map((item) => shown.get(JSON.stringify(item)) ?? queueRow(item));
  for (const row of shown.values()) if (!rows.includes(row)) row.remove();
  rows.forEach((row, at) => { if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null); });
}

function queueRow(item) {
  const row = part("queue-row").content.firstElementChild.cloneNode(true);
  row.dataset.item = JSON.stringify(item);
  const find = (name) => row.querySelector(`[data-${name}]`);
  const refused = item.state === "refused";
  const uploaded = item.state === "uploaded";
  find("reference").textContent = item.reference;
  find("when").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: zone() }).format(new Date(item.at)) + (item.cashier ? ` · ${item.cashier}` : "");
  find("total").textContent = item.total;
  find("state").textContent = find("state").dataset[item.state];
  find("state").classList.add({ refused: "failed", uploaded: "done" }[item.state] ?? "waiting");
  find("why").textContent = item.why ?? "";
  find("why").hidden = !refused;
  find("actions").hidden = !refused && !uploaded;
  // What became of its vouchers stays until somebody has seen it: money may be owed.
  find("report").hidden = !uploaded;
  find("report").replaceChildren(...(item.report ?? []).map((line) => {
    const told = document.createElement("li");
    told.textContent = line;
    return told;
  }));
  find("again").hidden = find("discard").hidden = uploaded;
  find("done").hidden = !uploaded;
  find("done").addEventListener("click", () => Till.settle(item.reference, null));
  if (uploaded || item.code === "document_differs") {
    find("recorded").hidden = false;
    find("recorded").href = `/till/receipts/${encodeURIComponent(item.reference)}`;
  }
  find("again").addEventListener("click", () => { Till.settle(item.reference, { state: "waiting", why: "" }); Till.beat(csrf()); });
  const body = new URLSearchParams(item.body);
  find("enrol").hidden = item.code !== "member_unknown" || !body.get("member") || body.get("enrol") === "yes";
  find("enrol").addEventListener("click", () => {
    body.set("enrol", "yes");
    Till.settle(item.reference, { body: body.toString(), state: "waiting", why: "" });
    Till.beat(csrf());
  });
  const discard = find("discard");
  // What is discarded earns nothing, so it takes two presses.
  discard.addEventListener("click", () => {
    if (discard.dataset.asked) return Till.settle(item.reference, null);
    discard.dataset.asked = "yes";
    discard.textContent = discard.dataset.sure;
  });
  return row;
}

/** What a fresh form needs: keys only a script can press, and this till's store. */
function equip() {
  document.querySelectorAll(".keypad, [data-print]").forEach((each) => { each.hidden = false; });
  if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) document.querySelectorAll("[data-camera]").forEach((each) => { each.hidden = false; });
  const store = localStorage.getItem("perennial-till-store") ?? "";
  if (part("store")) { part("store").value = store; sale().elements.store.value = store; }
  // With keys on the screen the tablet's own keyboard would only cover them.
  if (entry() && matchMedia("(pointer: coarse) and (min-width: 700px)").matches && !document.body.dataset.letters) entry().inputMode = "none";
}

// --- events ----------------------------------------------------------------------------------------

/** After a line went, the next one lies under the finger: what comes this soon was meant for the one that went. */
const DOUBLE_TAP_MS = 400;
let dropped = { number: "", at: -DOUBLE_TAP_MS };
function isStray(action) {
  const [what, number] = action.split("-");
  if (!["drop", "less", "more"].includes(what)) return false;
  const stray = number !== dropped.number && performance.now() - dropped.at < DOUBLE_TAP_MS;
  if (what === "drop" && !stray) dropped = { number, at: performance.now() };
  return stray;
}

document.addEventListener("submit", (event) => {
  if (event.target !== sale()) return;
  event.preventDefault();
  const action = event.submitter?.value || "scan";
  if (isStray(action)) return;
  const text = action === "pay" || action === "keep" ? "" : entry().value.trim();
  if (text) entry().value = "";
  part("slip").hidden = true;
  if (action === "scan") entry().focus();
  run(() => (action === "pay" ? pay() : change(action, text)));
});

let soon;
document.addEventListener("input", (event) => {
  if (!event.target.closest("#sale") || event.target === entry() || event.target.id === "store") return;
  if (!Till.connected()) {
    sale().elements.discount.value = "";
    return reckon();
  }
  clearTimeout(soon);
  soon = setTimeout(() => run(() => change("keep")), 350);
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "store") return;
  localStorage.setItem("perennial-till-store", event.target.value.trim());
  sale().elements.store.value = event.target.value.trim();
  if (sale().elements.attempted.value !== "yes") sale().elements.reference.value = drawReference();
  run(() => change("keep"));
});

/** A key of the screen types where the cursor is. */
function press(key) {
  const active = document.activeElement;
  const field = active?.closest("#sale") && active.matches("input:not([type=hidden], [type=radio], [type=checkbox])") ? active : entry();
  const [start, end] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  if (key === "letters") {
    const on = (document.body.dataset.letters = document.body.dataset.letters ? "" : "yes");
    entry().inputMode = on ? "text" : "none";
    sale().querySelector("[data-key=letters]").setAttribute("aria-pressed", String(Boolean(on)));
    entry().blur();
    entry().focus();
    return;
  }
  if (key === "delete") field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
  else field.setRangeText(key, start, end, "end");
  field.focus();
  if (field !== entry()) field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-key]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const target = event.target;
  const key = target.closest("[data-key]");
  if (key) return press(key.dataset.key);
  if (target.closest("[data-print]")) return print();
  if (target.closest("[data-camera]")) return openCamera(target.closest("form"));
  if (target.closest("#set-aside")) { hold(""); part("pay-fault").hidden = true; newSale(); return entry().focus(); }
  if (target.closest("[data-close]")) { part("slip").hidden = true; return entry().focus(); }
  if (entry() && !target.closest("a, button, input, label, summary, select, dialog, [tabindex]:not(main)")) entry().focus();
});
// Whatever a scanner types belongs to the one input, wherever the focus was left.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, dialog");
  if (entry() && !typing && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) entry().focus();
});

// --- returns ---------------------------------------------------------------------------------------

/** The addresses of ours that a return leads on to: its receipt, or the sign-in page. */
function leadsOn(address) {
  const { origin, pathname } = new URL(address);
  return origin === location.origin && /^\/(till\/receipts|console\/sign-in)/.test(pathname);
}

/** Shows a return as it comes back; a recorded one has led on to its receipt. */
async function takeBack(form, action) {
  const body = new URLSearchParams(new FormData(form));
  body.set("action", action);
  const own = (got) => Till.isPage(got) && (!got.redirected || leadsOn(got.url));
  const got = await Till.ask("/till/returns", { method: "POST", body }, own);
  const answer = got && new DOMParser().parseFromString(got.text, "text/html").querySelector(".return-page");
  // The form keeps its number whatever became of it, so that pressing again cannot take back twice.
  for (const id of ["return-offline", "return-unknown"]) part(id).hidden = Boolean(answer) || got?.redirected || got?.status === 403 || (id === "return-unknown") !== (action === "record");
  if (got?.redirected) return leave(got.url);
  if (got?.status === 403) return renew();
  if (!answer) return;
  const focused = document.activeElement?.id || document.activeElement?.value;
  document.querySelector(".return-page").replaceWith(answer);
  equip();
  (part(focused) ?? document.querySelector(`.return-keys button[value="${focused}"]`))?.focus();
  say([...answer.querySelectorAll(".error, .effect")].map((each) => each.innerText).join(" "));
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.return")) return;
  event.preventDefault();
  run(() => takeBack(event.target, event.submitter?.value ?? "quote"));
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form.return");
  if (!form || event.target.value === "") return;
  clearTimeout(soon);
  soon = setTimeout(() => run(() => takeBack(document.querySelector("form.return"), "quote")), 350);
});

// --- start -----------------------------------------------------------------------------------------

document.addEventListener("till:changed", showState);
document.addEventListener("till:stale", () => { if (!entry()?.value) renew(); });
document.addEventListener("till:recorded-by", ({ detail: { item, name } }) => {
  const notice = part("recorded-by");
  notice.hidden = false;
  notice.textContent = notice.dataset.text.replace("%r", item.reference).replace("%a", item.cashier).replace("%b", name);
});
// Who signs out leaves the receipts on this device to whoever signs in next, so it takes two presses.
document.addEventListener("submit", (event) => {
  const button = event.target.matches("form.who") && event.target.querySelector("button");
  if (!button || button.dataset.asked || !Till.queued().length) return;
  event.preventDefault();
  button.dataset.asked = "yes";
  button.textContent = button.dataset.sure;
});
// A page that the browser took from its memory shows a sale that may be paid.
addEventListener("pageshow", (event) => event.persisted && location.reload());
equip();
if (sale()) {
  // Each page is a sale of its own, also one that was opened from the device's memory.
  sale().elements.reference.value = drawReference();
  unstash();
  entry().focus();
}
document.querySelector("[data-first]")?.focus({ preventScroll: true });
showState();
Till.start(csrf);
navigator.serviceWorker?.register("/till/worker.js", { scope: "/till" }).catch(() => {});
