/* The page of a discussion: opens at the first unread message, notes what was seen, brings older messages without a jump. */
import { Controller } from "@hotwired/stimulus"
import { redraw } from "resana/live/refresher.js"
import { call, word } from "resana/live/words.js"
import { say } from "resana/status.js"

const SEEN_AFTER = 800

export default class extends Controller {
  static targets = ["log", "older", "newer", "line", "below"]
  static values = { readUrl: String, last: Number, read: Number, at: Number }

  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    document.addEventListener("resana:message", ({ detail }) => this.arrived(detail), { signal })
    document.addEventListener("resana:thread-changed", redraw, { signal })
    document.addEventListener("visibilitychange", () => this.note(), { signal })
    addEventListener("focus", () => this.note(), { signal })
    this.seen = Math.max(0, this.readValue)
    this.noted = this.seen
    this.counted = this.readValue >= 0
    this.watcher = new IntersectionObserver((entries) => this.look(entries), { threshold: 0.2 })
    for (const frame of this.frames) this.watcher.observe(frame)
    this.open()
  }

  disconnect() {
    this.abort.abort()
    this.watcher.disconnect()
    clearTimeout(this.timer)
  }

  get frames() {
    return [...this.logTarget.querySelectorAll(".message-frame[data-no]")]
  }

  /* The address wins; then the unread line; then the end. */
  open() {
    if (location.hash.startsWith("#m") && document.querySelector(location.hash)) {
      document.querySelector(location.hash).scrollIntoView({ block: "center" })
    } else if (location.hash === "#composer") {
      document.getElementById("composer-body")?.focus()
    } else if (this.hasLineTarget) {
      this.lineTarget.scrollIntoView({ block: "start" })
    } else if (!this.hasNewerTarget && !this.atValue && this.frames.length > 4) {
      this.frames.at(-1).scrollIntoView({ block: "end" })
      document.getElementById("composer")?.scrollIntoView({ block: "end" })
    }
  }

  get atEnd() {
    const last = this.frames.at(-1)
    return !last || last.getBoundingClientRect().bottom < innerHeight + 120
  }

  arrived({ frame, mine }) {
    this.watcher.observe(frame)
    const last = this.frames.at(-2)
    const wasAtEnd = !last || last.getBoundingClientRect().bottom < innerHeight + 60
    if (mine || (wasAtEnd && document.visibilityState === "visible")) {
      const composer = document.getElementById("composer")
      ;(composer ?? frame).scrollIntoView({ block: "end" })
    } else if (this.hasBelowTarget) this.belowTarget.hidden = false
  }

  bottom() {
    this.belowTarget.hidden = true
    this.frames.at(-1)?.scrollIntoView({ block: "end" })
    document.getElementById("composer-body")?.focus({ preventScroll: true })
  }

  look(entries) {
    for (const { target, isIntersecting } of entries) if (isIntersecting) this.seen = Math.max(this.seen, Number(target.dataset.no))
    if (this.atEnd && this.hasBelowTarget) this.belowTarget.hidden = true
    const field = document.querySelector("[data-composer-target~=seen]")
    if (field) field.value = Math.max(Number(field.value), this.seen)
    this.note()
  }

  /* Read is what stood on a screen that somebody was in front of. */
  note() {
    clearTimeout(this.timer)
    if (!this.counted || this.paused || this.seen <= this.noted || document.visibilityState !== "visible" || !document.hasFocus()) return
    this.timer = setTimeout(async () => {
      const no = this.seen
      const answer = await call("PUT", this.readUrlValue, { no }).catch(() => ({ ok: false }))
      if (!answer.ok) return
      this.noted = Math.max(this.noted, no)
      this.tell(answer.json)
    }, SEEN_AFTER)
  }

  tell({ unread }) {
    document.dispatchEvent(new CustomEvent("resana:read", { detail: { thread: document.body.dataset.liveThread, unread } }))
  }

  async unread(event) {
    event.preventDefault()
    const frame = event.target.closest(".message-frame")
    this.paused = true
    const answer = await call("PUT", this.readUrlValue, { no: Number(frame.dataset.no), mark_unread: true }).catch(() => ({ ok: false }))
    if (!answer.ok) return
    say(word("marked"))
    this.tell(answer.json)
    window.Turbo?.visit(document.querySelector(".room .back a").href)
  }

  jump(event) {
    const there = document.querySelector(new URL(event.currentTarget.href).hash)
    if (!there) return
    event.preventDefault()
    there.scrollIntoView({ block: "center" })
    there.querySelector(".message").classList.add("highlight")
    setTimeout(() => there.querySelector(".message")?.classList.remove("highlight"), 2000)
  }

  reply(event) {
    const composer = document.getElementById("composer")
    if (!composer) return
    event.preventDefault()
    const frame = event.target.closest(".message-frame")
    composer.dispatchEvent(
      new CustomEvent("composer:reply", { detail: { no: frame.dataset.no, name: frame.querySelector(".who").textContent } }),
    )
  }

  async older(event) {
    event.preventDefault()
    await this.more(event.currentTarget, "older", (nodes) => {
      const first = this.logTarget.firstElementChild
      const anchor = this.frames[0]
      const top = anchor.getBoundingClientRect().top
      this.logTarget.prepend(...nodes)
      if (first?.classList.contains("day") && [...this.logTarget.querySelectorAll(".day")].some((day) => day !== first && day.textContent === first.textContent)) first.remove()
      scrollBy(0, anchor.getBoundingClientRect().top - top)
    })
  }

  async newer(event) {
    event.preventDefault()
    await this.more(event.currentTarget, "newer", (nodes) => this.logTarget.append(...nodes))
  }

  async more(link, side, put) {
    if (link.ariaBusy === "true") return
    link.ariaBusy = "true"
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" })
      if (!answer.ok) throw new Error(answer.status)
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      const nodes = [...page.querySelector(".log").children].filter((node) => !node.id || !document.getElementById(node.id))
      put(nodes)
      for (const frame of this.frames) this.watcher.observe(frame)
      const next = page.querySelector(`[data-room-target="${side}"]`)
      const place = link.closest(".log-more")
      if (next) place.replaceWith(next)
      else place.remove()
      this.frames[0]?.querySelector("a")?.blur()
    } catch {
      location.assign(link.href)
    }
  }
}
