/* Keeps one page and its style sheets: the one that says that the network is gone. Nothing of a person is ever kept. */
const CACHE = "resana-offline-1"
const PAGE = "/offline"

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()))
})

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("resana-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener("fetch", (event) => {
  const { request } = event
  if (request.method !== "GET") return
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => offline()))
  } else if (request.destination === "style") {
    event.respondWith(fetch(request).catch(() => caches.match(request).then((kept) => kept ?? Response.error())))
  }
})

/* Asked without cookies: the page is the one that a stranger sees. */
async function keep() {
  const cache = await caches.open(CACHE)
  const page = await fetch(PAGE, { credentials: "omit", cache: "no-store" })
  if (!page.ok) throw new Error("the offline page did not come")
  const html = await page.clone().text()
  const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, address]) => address)
  await cache.put(PAGE, page)
  await cache.addAll(sheets)
}

async function offline() {
  const kept = await caches.match(PAGE)
  return kept ?? Response.error()
}
