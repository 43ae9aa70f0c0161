// Receipts that wait for the connection, and what the till knows of it. A receipt is kept as the form that was sent: its
// number was drawn once, so sending it again can never earn twice. Nothing here touches the page but by events.
"use strict";

const Till = (() => {
  const QUEUE = "perennial-till-queue";
  const CLOCK = "perennial-till-clock";
  const FORM = "application/x-www-form-urlencoded";
  /** The server takes times up to five minutes ahead of its own; what lies further ahead was never taken. */
  const SKEW_MS = 300_000;
  const PATIENCE_MS = 8_000;
  let connected = navigator.onLine;
  /** How often the network went away: an answer to what was asked before says nothing of what is there now. */
  let losses = 0;
  let signedOut = false;
  /** Asks the server again soon, however late it was meant to be asked; nothing before the till has started. */
  let beatSoon = () => {};

  const tell = () => document.dispatchEvent(new CustomEvent("till:changed"));

  function stored(key, fallback) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  }
  /** What a full device could not keep of the answers to its receipts: lost with the page, and then asked for again. */
  const unkept = new Map();
  const queued = () => stored(QUEUE, []).map((item) => ({ ...item, ...unkept.get(item.reference) }));
  /** Throws where the device is full: the caller then keeps the sale on the screen. */
  const keep = (list) => localStorage.setItem(QUEUE, JSON.stringify(list));

  /** Changes one receipt of the queue as it is now stored, or takes it out. */
  function settle(reference, change) {
    const changed = queued().flatMap((item) => (item.reference !== reference ? [item] : change ? [{ ...item, ...change }] : []));
    try {
      keep(changed);
      unkept.clear();
    } catch {
      unkept.set(reference, { ...unkept.get(reference), ...change });
    }
    tell();
  }

  // --- the clock ----------------------------------------------------------------------------------

  /** How far the server's clock was ahead of ours when we last heard it. */
  const offset = () => stored(CLOCK, { offset: 0, heard: 0 }).offset;
  function hear(response) {
    const server = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(server)) return;
    const apart = server - Date.now();
    // The header knows whole seconds only.
    const clock = { offset: Math.abs(apart) < 2_000 ? 0 : apart, heard: server };
    try {
      localStorage.setItem(CLOCK, JSON.stringify(clock));
    } catch {
      // A full device keeps the offset it has.
    }
  }
  /** The server's time as far as we know it: never before the moment we last heard it, whatever our own clock says. */
  function now() {
    const { offset: apart, heard } = stored(CLOCK, { offset: 0, heard: 0 });
    return new Date(Math.max(Date.now() + apart, heard));
  }

  // --- the connection -----------------------------------------------------------------------------

  function connect(is) {
    if (connected === is) return;
    connected = is;
    if (!is) beatSoon();
    tell();
  }

  const read = (text) => {
    try {
      return JSON.parse(text) ?? {};
    } catch {
      return {};
    }
  };
  /** The server's own pages name its style; its own refusals of a form, a sentence. */
  const isPage = ({ text }) => /\/assets\/console[\w-]*\.[\w.-]*css/.test(text);
  const isForbidden = (answer) => answer.status === 403 && isPage(answer);

  /**
   * Asks the server; null where it did not answer itself. What a proxy, a sign-on to the network or a page of
   * maintenance says, with whatever status, is no answer: `own` knows the server's.
   */
  async function ask(address, options, own) {
    const before = losses;
    try {
      const response = await fetch(address, { ...options, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      const { status, headers, redirected, url } = response;
      const answer = { status, redirected, url, lead: headers.get("hx-redirect"), text: await response.text() };
      if (!own(answer)) throw new TypeError("not the server's answer");
      hear(response);
      if (losses === before) connect(true);
      return answer;
    } catch {
      connect(false);
      return null;
    }
  }

  /** Sends a form as the page's own part; a `lead` says where to go on to, as when the session has ended. */
  async function post(address, body, own) {
    const options = { method: "POST", body: body.toString(), headers: { "Content-Type": FORM, "HX-Request": "true" } };
    const answer = await ask(address, options, (got) => !got.redirected && (got.lead?.startsWith("/") || isForbidden(got) || own(got)));
    const ended = answer ? Boolean(answer.lead?.startsWith("/console/sign-in")) : signedOut;
    if (ended !== signedOut) {
      signedOut = ended;
      tell();
    }
    return answer;
  }

  /** Whether an answer says what became of a sale. */
  function isOutcome({ status, text }) {
    const { receipt, code, sentence } = read(text);
    return status < 300 ? typeof receipt === "string" : status >= 400 && typeof code === "string" && typeof sentence === "string";
  }

  /** Records a sale: `recorded`, `refused`, or why nobody knows yet. */
  async function record(body, csrf) {
    const form = new URLSearchParams(body);
    form.set("csrf", csrf);
    const answer = await post("/till/purchases", form, isOutcome);
    if (!answer) return { kind: "away" };
    if (answer.lead) return { kind: "signed-out" };
    if (isForbidden(answer)) return { kind: "stale" };
    const outcome = read(answer.text);
    if (answer.status < 300) return { kind: "recorded", ...outcome };
    if (answer.status >= 500 || answer.status === 429) return { kind: "busy", ...outcome };
    return { kind: "refused", ...outcome };
  }

  // --- the queue ----------------------------------------------------------------------------------

  function add(item) {
    keep([...queued().filter((other) => other.reference !== item.reference), { ...item, state: "waiting" }]);
    tell();
  }

  /** Uploads what waits, oldest first, until the connection or the session ends. */
  async function upload(csrf) {
    for (const item of queued().filter((waiting) => waiting.state === "waiting")) {
      const body = new URLSearchParams(item.body);
      if (Date.parse(body.get("occurred_at")) > Date.now() + offset() + SKEW_MS) {
        // Our clock ran ahead after we last heard the server's; such a receipt cannot have been taken before.
        body.set("occurred_at", now().toISOString());
        settle(item.reference, { body: body.toString() });
      }
      const answer = await record(body, csrf);
      if (answer.kind === "recorded") {
        // A sale with vouchers stays until somebody has read what became of them.
        settle(item.reference, answer.vouchers?.length ? { state: "uploaded", report: answer.vouchers } : null);
        const other = item.cashier && answer.sold_by !== item.cashier && !answer.duplicate;
        if (other) document.dispatchEvent(new CustomEvent("till:recorded-by", { detail: { item, name: answer.sold_by } }));
      }
      else if (answer.kind === "refused") settle(item.reference, { state: "refused", code: answer.code, why: answer.sentence });
      else {
        if (answer.kind === "stale") document.dispatchEvent(new CustomEvent("till:stale"));
        return;
      }
    }
  }

  /** Only one window of this till uploads at a time. Were it two, each receipt would still count once. */
  const uploadAlone = (csrf) =>
    navigator.locks ? navigator.locks.request("perennial-till", { ifAvailable: true }, (lock) => (lock ? upload(csrf) : null)) : upload(csrf);

  async function beat(csrf) {
    const answer = await ask("/healthz", {}, ({ status, text }) => status === 200 && read(text).status === "ok");
    if (answer && csrf) await uploadAlone(csrf);
  }

  function start(csrf) {
    let timer;
    const after = (delay) => { clearTimeout(timer); timer = setTimeout(again, delay); };
    const again = async () => {
      try {
        await beat(csrf());
      } finally {
        // Whatever went wrong, the till goes on asking.
        after(connected && queued().every((item) => item.state !== "waiting") ? 30_000 : 3_000);
      }
    };
    beatSoon = () => after(3_000);
    addEventListener("online", () => beat(csrf()));
    addEventListener("offline", () => { losses += 1; connect(false); });
    addEventListener("storage", (event) => event.key === QUEUE && tell());
    again();
  }

  return { start, ask, post, record, isPage, isForbidden, add, queued, settle, now, offset, beat, connected: () => connected, signedOut: () => signedOut };
})();
