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
  let signedOut = false;

  const tell = () => document.dispatchEvent(new CustomEvent("till:changed"));

  function stored(key, fallback) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  }
  const queued = () => stored(QUEUE, []);
  /** Throws where the device is full: the caller then keeps the sale on the screen. */
  const keep = (list) => localStorage.setItem(QUEUE, JSON.stringify(list));

  /** Changes one receipt of the queue as it is now stored, or takes it out. */
  function settle(reference, change) {
    keep(queued().flatMap((item) => (item.reference !== reference ? [item] : change ? [{ ...item, ...change }] : [])));
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
    tell();
  }

  /** Asks the server; null where there is no connection. */
  async function ask(address, options = {}) {
    try {
      const response = await fetch(address, { ...options, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      hear(response);
      connect(true);
      return response;
    } catch {
      connect(false);
      return null;
    }
  }

  /** Sends a form as the page's own part; says where to go on to if the session has ended. */
  async function post(address, body) {
    const response = await ask(address, { method: "POST", body: body.toString(), headers: { "Content-Type": FORM, "HX-Request": "true" } });
    const lead = response?.headers.get("hx-redirect");
    signedOut = Boolean(lead?.startsWith("/console/sign-in"));
    if (signedOut) tell();
    return { response, lead };
  }

  /** Records a sale: `recorded`, `refused`, or why nobody knows yet. */
  async function record(body, csrf) {
    const form = new URLSearchParams(body);
    form.set("csrf", csrf);
    const { response, lead } = await post("/till/purchases", form);
    if (!response) return { kind: "away" };
    if (lead) return { kind: "signed-out" };
    if (response.status === 403) return { kind: "stale" };
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return { kind: "recorded", ...answer };
    if (response.status >= 500 || response.status === 429) return { kind: "busy", ...answer };
    return { kind: "refused", ...answer };
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
      // A sale with vouchers stays until somebody has read what became of them.
      if (answer.kind === "recorded") settle(item.reference, answer.vouchers?.length ? { state: "uploaded", report: answer.vouchers } : null);
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
    const response = await ask("/healthz");
    if (response && csrf) await uploadAlone(csrf);
  }

  function start(csrf) {
    const again = async () => {
      await beat(csrf());
      setTimeout(again, connected && queued().every((item) => item.state !== "waiting") ? 30_000 : 3_000);
    };
    addEventListener("online", () => beat(csrf()));
    addEventListener("offline", () => connect(false));
    addEventListener("storage", (event) => event.key === QUEUE && tell());
    again();
  }

  return { start, ask, post, record, add, queued, settle, now, offset, beat, connected: () => connected, signedOut: () => signedOut };
})();
