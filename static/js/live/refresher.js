/* Pages that list what is there ([data-refresh-on="document folder"], the beginnings of kinds of events, or "tick") are
   drawn again in place when something of it happened: focus and scroll stay. Never under the hands of somebody who is
   choosing, sending or answering; and not all pages at the same instant. */
import { visit } from "@hotwired/turbo"

const BUSY = "dialog[open], .uploads:not([hidden]) li, main input[type=checkbox]:checked, [aria-busy=true]"
const AGAIN = 3000
let waiting = null

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
  else visit(location.href, { action: "replace" })
}
