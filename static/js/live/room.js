/* What an event changes on the page of a discussion. Nothing here moves the focus or the page under the reader's eyes. */
import { say } from "resana/status.js"
import { me, word } from "resana/live/words.js"

const GROUPED = 5 * 60 * 1000
/* What may change who sees a document that a message points to. */
const AUDIENCES = ["folder_restricted", "folder_opened", "folder_moved", "document_moved"]

export class Room {
  constructor(thread) {
    this.thread = thread
    this.fresh = 0
  }

  get log() {
    return document.querySelector(".log[role=log]")
  }

  frame(no) {
    return document.getElementById(`m${no}`)
  }

  hear(event) {
    if (event.kind.startsWith("thread_") || event.kind === "message_posted") this.refreshList()
    if (AUDIENCES.includes(event.kind)) this.lookAgain()
    if (event.thread_id !== this.thread) return
    if (event.kind === "message_posted") this.posted(event)
    else if (event.kind === "message_edited" || event.kind === "message_deleted") this.refetch(event.no)
    else if (event.kind !== "thread_created") document.dispatchEvent(new CustomEvent("resana:thread-changed"))
  }

  /* At the end of what is shown; a page that shows older messages only learns that there are newer ones. */
  async posted({ no, html }) {
    const { log } = this
    if (!log || this.frame(no)) return
    const last = [...log.querySelectorAll(".message-frame")].at(-1)
    if (document.querySelector("[data-room-target~=newer]") || (last && Number(last.dataset.no) !== no - 1)) {
      if (!document.querySelector("[data-room-target~=newer]")) await this.fill(last ? Number(last.dataset.no) + 1 : 1, no)
      return
    }
    const same = document.documentElement.lang.startsWith("fr")
    const frame = html && same ? parsed(html) : await fetched(this.thread, no)
    if (frame && !this.frame(no)) this.put(frame)
  }

  async fill(from, to) {
    for (let no = from; no <= to; no += 1) {
      if (this.frame(no)) continue
      const frame = await fetched(this.thread, no)
      if (frame && !this.frame(no)) this.put(frame)
    }
  }

  put(frame) {
    const { log } = this
    document.querySelector("[data-room-target~=empty]")?.remove()
    const mine = frame.dataset.author === me()
    const last = [...log.querySelectorAll(".message-frame:not(.pending)")].at(-1)
    const at = new Date(frame.dataset.at)
    const before = last ? new Date(last.dataset.at) : null
    if (!before || before.toDateString() !== at.toDateString()) log.append(dayLine(at))
    else if (last.dataset.author === frame.dataset.author && at - before < GROUPED && !frame.querySelector(".reply-quote, .tombstone")) {
      frame.querySelector(".message").classList.add("follow")
    }
    const { liveModerates, livePosts } = document.body.dataset
    if (mine) frame.querySelector(".message").classList.add("mine")
    for (const link of frame.querySelectorAll("[data-may]")) {
      link.hidden = !(mine || (link.dataset.may === "delete" && liveModerates === "true"))
    }
    for (const link of frame.querySelectorAll(".needs-post")) link.hidden = livePosts !== "true"
    const waiting = log.querySelector(".message-frame.pending")
    if (waiting) waiting.before(frame)
    else log.append(frame)
    document.dispatchEvent(new CustomEvent("resana:message", { detail: { frame, mine } }))
    if (!mine) this.announce()
  }

  /* Gathered over a second, in one region: a log that speaks for itself would speak without end. */
  announce() {
    this.fresh += 1
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      say(this.fresh === 1 ? word("one") : word("many").replace("{}", this.fresh))
      this.fresh = 0
    }, 1000)
  }

  lookAgain() {
    for (const files of document.querySelectorAll(".message-frame .attachments")) this.refetch(Number(files.closest(".message-frame").dataset.no))
  }

  async refetch(no) {
    const frame = this.frame(no)
    if (!frame) return
    const fresh = await fetched(this.thread, no)
    /* Somebody who is correcting it, or about to delete it, keeps their form; the server will say what has changed. */
    if (fresh && !frame.querySelector("form")) frame.replaceChildren(...fresh.childNodes)
  }

  refreshList() {
    clearTimeout(this.listing)
    this.listing = setTimeout(() => {
      const list = document.querySelector("turbo-frame#threads")
      const { liveSpace } = document.body.dataset
      if (!list || !liveSpace || list.contains(document.activeElement)) return
      refreshed(list, `/spaces/${liveSpace}/threads`, this.thread)
    }, 400)
  }
}

function parsed(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  return template.content.querySelector("turbo-frame")
}

async function fetched(thread, no) {
  try {
    const answer = await fetch(`/threads/${thread}/messages/${no}`, { headers: { "X-Fragment": "message" }, credentials: "same-origin" })
    return answer.ok && !answer.redirected ? parsed(await answer.text()) : null
  } catch {
    return null
  }
}

async function refreshed(list, address, thread) {
  try {
    const answer = await fetch(address, { headers: { "Turbo-Frame": "threads" }, credentials: "same-origin" })
    if (!answer.ok) return
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    const fresh = page.querySelector("turbo-frame#threads > ul")
    const old = list.querySelector(":scope > ul")
    if (!fresh || !old) return
    const present = thread && fresh.querySelector(`[data-thread="${thread}"]`)
    if (present) {
      present.querySelector(".title")?.setAttribute("aria-current", "page")
    }
    old.replaceWith(fresh)
  } catch {
    /* The next event tries again. */
  }
}

function dayLine(at) {
  const line = document.createElement("p")
  line.className = "day"
  const words = document.createElement("span")
  const today = at.toDateString() === new Date().toDateString()
  words.textContent = today ? word("day") : new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(at)
  line.append(words)
  return line
}
