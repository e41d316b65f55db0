// Keeps the public's pages and what they are made of for times without a network. Questions are POSTs and never kept.

const NAME = "find-1"; // as in js/locator/keep.js
const KEPT = /^\/(static\/|find\/|station\/|$)/;
const PATIENCE_MS = 4_000;
const STALLED_MS = 30_000;
let stalledAt = 0;

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
  event.respondWith(answer(request, address, ask(event, address)));
});

async function ask(event, address) {
  const response = await fetch(event.request);
  // Pages of people who are signed in say no-store, and so does everything that is not for everybody.
  if (response.ok && !/no-store/.test(response.headers.get("Cache-Control") ?? "")) {
    const copy = response.clone();
    const put = caches.open(NAME).then((kept) => kept.put(address.pathname, copy));
    event.waitUntil(put.catch(() => {})); // no room on the phone is no fault
  }
  return response;
}

// The network first, so that nobody reads old hours while there is one; a line that stalls is as good as none.
async function answer(request, address, asked) {
  const kept = await caches.open(NAME);
  const copy = await kept.match(address.pathname, { ignoreVary: true });
  const opens = request.mode === "navigate";
  if (!copy) return opens ? asked.catch((error) => start(kept, address, error)) : asked;
  const stalls = !opens && Date.now() - stalledAt < STALLED_MS;
  const late = new Promise((resolve) => setTimeout(resolve, stalls ? 0 : PATIENCE_MS));
  const response = await Promise.race([asked.catch(() => null), late]);
  if (response) return response;
  stalledAt = Date.now();
  return opens ? marked(copy) : copy;
}

// A page that is not kept: one that is, under its own address, where its reader is told that it is another one.
async function start(kept, address, error) {
  const page = (await kept.keys()).map(({ url }) => url).find((url) => /\/find\/[^/?]+$/.test(url));
  if (!page) throw error;
  return Response.redirect(address.pathname === "/" ? page : `${page}#instead`);
}

// A page from before tells its reader that it is one.
async function marked(copy) {
  const headers = new Headers(copy.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response((await copy.text()).replace("<html", "<html data-kept"), { headers });
}
