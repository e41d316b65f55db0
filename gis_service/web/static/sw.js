// Keeps the public's pages and what they are made of for times without a network. Questions are POSTs and never kept.

const NAME = "find-1"; // as in js/locator/keep.js
const KEPT = /^\/(static\/|find\/|station\/|$)/;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || !KEPT.test(address.pathname)) return;
  event.respondWith(answer(request, address));
});

// The network first, so that nobody reads old hours while there is one.
async function answer(request, address) {
  const kept = await caches.open(NAME);
  try {
    const response = await fetch(request);
    // Pages of people who are signed in say no-store, and so does everything that is not for everybody.
    if (response.ok && !/no-store/.test(response.headers.get("Cache-Control") ?? "")) {
      await kept.put(address.pathname, response.clone());
    }
    return response;
  } catch (error) {
    const found = await kept.match(address.pathname, { ignoreVary: true });
    if (found) return found;
    if (request.mode !== "navigate") throw error;
    const pages = (await kept.keys()).map(({ url }) => url).filter((url) => /\/find\/[^/?]+$/.test(url));
    const start = pages.length ? await kept.match(pages[0], { ignoreVary: true }) : undefined;
    if (!start) throw error;
    return start;
  }
}
