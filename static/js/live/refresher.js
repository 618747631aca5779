/* Pages that list what is there ([data-refresh-on="document folder"], the beginnings of kinds of events, or "tick") are
   drawn again in place when something of it happened: focus and scroll stay, and so does what was said once. Never under
   the hands of somebody who is choosing, sending or answering; and not all pages at the same instant. */
import { navigator, visit } from "@hotwired/turbo"

const BUSY = "dialog[open], .uploads:not([hidden]) li, main input[type=checkbox]:checked, [aria-busy=true]"
const AGAIN = 3000
let waiting = null
let own = null

export function refreshFor(kind) {
  const wanted = document.querySelector("[data-refresh-on]")?.dataset.refreshOn.split(" ") ?? []
  if (!wanted.some((beginning) => kind.startsWith(beginning))) return
  const [soon, spread] = kind === "tick" ? [2000, 3000] : [250, 500]
  wait(soon + Math.random() * spread)
}

function wait(moment) {
  clearTimeout(waiting)
  waiting = setTimeout(draw, moment)
}

function draw() {
  if (!document.querySelector("[data-refresh-on]")) return
  if (document.hidden || document.querySelector(BUSY)) wait(AGAIN)
  else redraw()
}

/* Nobody goes anywhere: the page is not put away into the cache, which would take from it what is of the moment. */
export function redraw() {
  visit(location.href, { action: "replace", shouldCacheSnapshot: false })
  own = navigator.currentVisit
}

/* Who goes somewhere, or comes back from a form, has a page of that moment. */
document.addEventListener("turbo:visit", () => clearTimeout(waiting))

/* The server says once what just happened; that somebody else did something is no reason to take it back. */
document.addEventListener("turbo:before-render", ({ detail: { newBody } }) => {
  if (!own || navigator.currentVisit !== own) return
  const said = document.getElementById("flashes")?.cloneNode(true).childNodes ?? []
  newBody.querySelector("#flashes")?.prepend(...said)
})
