/* The numbers beside the spaces in the left column and on the home page: [data-space-unread="<space>"]; and, beside the
   discussions in their list, that of the one being read: [data-thread="<thread>"] [data-thread-unread].
   A tick says that something happened; the numbers themselves are asked for, so that they are always those of counting. */
import * as connection from "resana/live/connection.js"
import { refreshFor } from "resana/live/refresher.js"
import { call, me, word } from "resana/live/words.js"

const MOST = 50
let abort = null
let asking = null
let renewal = null
const known = new Map()

export function start() {
  abort?.abort()
  abort = new AbortController()
  const { signal } = abort
  connection.events.addEventListener("up", watch, { signal })
  connection.events.addEventListener("tick", ({ detail }) => heard(detail), { signal })
  connection.events.addEventListener("expired", watch, { signal })
  document.addEventListener("resana:read", ({ detail }) => read(detail), { signal })
  if (connection.connected()) watch()
}

const places = () => [...document.querySelectorAll("[data-space-unread]")]

async function watch() {
  clearTimeout(renewal)
  const spaces = [...new Set(places().map((place) => place.dataset.spaceUnread))].slice(0, MOST)
  if (!spaces.length || !me()) return
  const answer = await call("POST", "/api/v1/live-ticket", { spaces }).catch(() => ({ ok: false }))
  if (!answer.ok) return
  const ack = await connection.say("watch", { ticket: answer.json.ticket })
  if (!ack.ok) return
  for (const one of ack.spaces) heard(one)
  const left = new Date(answer.json.expires_at) - Date.now()
  renewal = setTimeout(watch, Math.max(5000, left * (0.75 + Math.random() * 0.1)))
}

function heard({ space, message_count: count }) {
  if (known.get(space) === count) return
  const first = !known.has(space)
  known.set(space, count)
  if (first) return
  ask()
  refreshFor("tick")
}

function read({ thread, unread }) {
  show(document.querySelectorAll(`[data-thread="${thread}"] [data-thread-unread]`), unread)
  ask()
}

export function ask() {
  clearTimeout(asking)
  asking = setTimeout(async () => {
    if (!me()) return
    const answer = await call("GET", "/api/v1/unread").catch(() => ({ ok: false }))
    if (answer.ok) for (const { space_id: space, unread } of answer.json.items) show(places().filter((place) => place.dataset.spaceUnread === space), unread)
  }, 250)
}

function show(beside, unread) {
  for (const place of beside) {
    place.closest("a, .item, .thread")?.classList.toggle("unread", Boolean(unread))
    place.replaceChildren()
    if (!unread) continue
    const count = document.createElement("span")
    count.className = "count"
    count.textContent = unread < 100 ? unread : "99+"
    const heardToo = document.createElement("span")
    heardToo.className = "quiet-text"
    heardToo.textContent = ` ${word(unread === 1 ? "unread-one" : "unread-many")}`
    count.append(heardToo)
    place.append(count)
  }
}
