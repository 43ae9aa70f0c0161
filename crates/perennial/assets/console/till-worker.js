// Keeps the till's page and what it is made of, so that a till which is started again without a connection still
// opens. The server is always asked first: what is kept is only for when it does not answer.
"use strict";

const KEPT = "perennial-till";
const PAGE = "/till";

/** The addresses of style and script that a page names; they carry a digest, so a new version has a new one. */
const named = (html) => [...new Set(html.match(/\/assets\/[\w.-]+/g) ?? [])];

async function keep(response) {
  const html = await response.clone().text();
  // A sign-on to the network answers for every address: only the till's own page replaces the one that is kept.
  if (!html.includes('<form id="sale"')) return;
  const cache = await caches.open(KEPT);
  const assets = named(html);
  await cache.put(PAGE, response);
  const known = (await cache.keys()).map((request) => new URL(request.url).pathname);
  await cache.addAll(assets.filter((asset) => !known.includes(asset)));
  await Promise.all(known.filter((path) => path !== PAGE && !assets.includes(path)).map((path) => cache.delete(path)));
}

async function page(event) {
  const kept = () => caches.match(PAGE, { cacheName: KEPT });
  try {
    const response = await fetch(event.request);
    // A page that leads to the sign-in page is not the till.
    if (response.ok && !response.redirected) event.waitUntil(keep(response.clone()));
    // While the server is started again, a proxy answers in its place.
    return (response.status >= 500 && (await kept())) || response;
  } catch (away) {
    const page = await kept();
    if (page) return page;
    throw away;
  }
}

const asset = async (request) => (await caches.match(request, { cacheName: KEPT })) ?? fetch(request);

addEventListener("install", (event) => {
  event.waitUntil(fetch(PAGE).then((response) => (response.ok && !response.redirected ? keep(response) : null)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname === PAGE && event.request.mode === "navigate") event.respondWith(page(event));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(event.request));
});
