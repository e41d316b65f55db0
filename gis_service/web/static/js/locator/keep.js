// For times without a network: what was seen stays on this phone, positions never do.

const NAME = "find-1"; // as in sw.js
const able = "caches" in window && window.isSecureContext;
const lastAddress = () => `${document.getElementById("ask")?.getAttribute("action") ?? location.pathname}?last`;

// The first visit is over before the worker stands; what it fetched is kept from here.
export async function keepPage() {
  if (!able || !("serviceWorker" in navigator) || navigator.serviceWorker.controller) return;
  await navigator.serviceWorker.register("/sw.js");
  const kept = await caches.open(NAME);
  const own = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.startsWith(`${location.origin}/static/`));
  await Promise.all([...new Set(own)].map((address) => keep(kept, address)));
  if (location.search === "") await keep(kept, location.pathname);
}

async function keep(kept, address) {
  const response = await fetch(address, { credentials: "same-origin", cache: "force-cache" }); // it came a moment ago
  if (response.ok && !/no-store/.test(response.headers.get("Cache-Control") ?? "")) await kept.put(address, response);
}

// Only the list: no path, no position, and around a position no names either.
export async function keepAnswer(answer, isPlace) {
  if (!able || !answer.querySelector(".stations")) return;
  const copy = answer.cloneNode(true);
  for (const each of copy.querySelectorAll("script, [data-path], #show-map, [data-share]")) each.remove();
  if (!isPlace) for (const each of copy.querySelectorAll(".where, small")) each.remove();
  const kept = await caches.open(NAME);
  await kept.put(lastAddress(), new Response(copy.outerHTML, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
}

export async function lastAnswer() {
  if (!able) return null;
  const found = await (await caches.open(NAME)).match(lastAddress());
  if (!found) return null;
  return new DOMParser().parseFromString(await found.text(), "text/html").getElementById("answer");
}
