// Opens the ticket page when there is no network: the copy kept last, marked as one.
//
// Whatever can be had is fetched fresh; a copy is answered only when nothing comes. Tickets are never answered from here:
// what the page says of one is what the server said, or the copy with its time.

const KEPT = "yichuang-phone-1", PATIENCE = 4_000, MOST = 5;      // ms before the copy is shown instead; tickets kept
const SHELL = [
  ...["tokens.css", "icons.svg", "ui.js", "ask.js"].map((name) => `/static/${name}`),
  ...["phone.css", "phone.js", "alarm.js", "face.js", "follow.js", "keep.js", "rate.js", "why.js", "icon-192.png"].map((name) => `/static/phone/${name}`),
  "/web/barlow-600.ttf",
];

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const open = await self.clients.matchAll({ includeUncontrolled: true, type: "window" });
  const pages = open.map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith("/t/"));
  await (await caches.open(KEPT)).addAll([...SHELL, ...pages]);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const page = event.request.mode === "navigate" && pathname.startsWith("/t/");
  if (event.request.method === "GET" && origin === self.location.origin && (page || SHELL.includes(pathname))) event.respondWith(answer(event.request, pathname, page));
});

async function answer(request, path, page) {
  const cache = await caches.open(KEPT), copy = await cache.match(path);
  try {
    const fresh = await fetch(request, copy ? { signal: AbortSignal.timeout(PATIENCE) } : {});
    if (fresh.ok && !fresh.redirected) await keep(cache, path, fresh.clone(), page);
    if (fresh.status < 500 || !copy) return fresh;      // 5xx: a proxy before a server that is away
  } catch (error) {
    if (!copy) throw error;
  }
  return page ? marked(copy) : copy;
}

async function keep(cache, path, fresh, page) {
  await cache.delete(path);      // the newest stand last
  await cache.put(path, fresh);
  if (!page) return;
  const pages = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((one) => one.startsWith("/t/"));
  for (const old of pages.slice(0, -MOST)) await cache.delete(old);
}

async function marked(copy) {
  const text = (await copy.text()).replace('data-kept="no"', 'data-kept="yes"');
  return new Response(text, { headers: copy.headers });
}
