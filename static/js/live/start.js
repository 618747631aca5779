/* On every page of somebody who is signed in: the socket, the counters, and whatever space the page shows. */
import { say } from "resana/status.js"
import * as connection from "resana/live/connection.js"
import * as counters from "resana/live/counters.js"
import { Follower } from "resana/live/follower.js"
import { clear, forgetDrafts } from "resana/live/gone.js"
import { redraw, refreshFor } from "resana/live/refresher.js"
import { Room } from "resana/live/room.js"
import { call, me, word } from "resana/live/words.js"

let follower = null
let wasDown = false

function begin() {
  follower?.stop()
  follower = null
  if (!me()) return connection.leave()
  connection.connect()
  counters.start()
  const { liveSpace, liveFolder, liveThread, liveSeq } = document.body.dataset
  if (!liveSpace) return
  const room = new Room(liveThread ?? "")
  follower = new Follower(liveSpace, liveFolder ?? null, Number(liveSeq), {
    event: (event) => {
      room.hear(event)
      refreshFor(event.kind)
      document.dispatchEvent(new CustomEvent("resana:event", { detail: event }))
    },
    reset: redraw,
    gone: (status) => {
      follower?.stop()
      follower = null
      if (status === 401) connection.leave()
      clear(status)
    },
  })
}

/* Pages without a space of their own notice as well that the sign-in has ended. */
connection.events.addEventListener("dismissed", async () => {
  if (follower) return
  const answer = await call("GET", "/api/v1/unread").catch(() => ({ status: 0 }))
  if (answer.status === 401) {
    connection.leave()
    clear(401)
  } else connection.connect()
})

connection.events.addEventListener("down", () => state(true))
connection.events.addEventListener("up", () => state(false))

let later = null
function state(down) {
  clearTimeout(later)
  later = setTimeout(
    () => {
      for (const line of document.querySelectorAll("[data-live-state]")) line.hidden = !down
      if (wasDown && !down) say(word("back"))
      wasDown = down
    },
    down ? 2000 : 0,
  )
}

document.addEventListener("turbo:load", begin)
document.addEventListener("turbo:before-cache", () => {
  follower?.stop()
  follower = null
})
/* Whoever signs out leaves no draft behind on a shared computer. */
document.addEventListener("submit", ({ target }) => target.action?.endsWith("/sign-out") && forgetDrafts(), true)
document.addEventListener("turbo:frame-missing", (event) => {
  event.preventDefault()
  event.detail.visit(event.detail.response)
})
