/* Follows one space, or one restricted folder in it: every event once, in order, whatever the network does. HTTP is the truth, the socket a courtesy.

   new Follower(space, folder, lastSeq, { event, reset, gone }): event(data) for each; reset() when too far behind; gone(status) when the right is lost. */
import * as connection from "resana/live/connection.js"
import { call } from "resana/live/words.js"

const PATIENCE = 300
const POLL = 5000
const jitter = (span) => Math.random() * span

export class Follower {
  constructor(space, folder, last, ears) {
    this.space = space
    this.folder = folder
    this.base = folder ? `/api/v1/folders/${folder}` : `/api/v1/spaces/${space}`
    this.last = last
    this.ears = ears
    this.early = new Map()
    this.abort = new AbortController()
    const { signal } = this.abort
    const on = (name, act) => connection.events.addEventListener(name, ({ detail }) => (!detail?.space || (detail.space === this.space && (detail.folder ?? null) === this.folder)) && act(detail), { signal })
    on("up", () => this.watch())
    on("down", () => this.poll())
    on("dismissed", () => this.watch(true))
    on("event", (data) => this.receive(data))
    on("access_revoked", () => this.ears.gone(404))
    on("expired", () => this.watch())
    if (connection.connected()) this.watch()
    else this.poll()
  }

  stop() {
    this.abort.abort()
    for (const timer of [this.renewal, this.poller, this.gap]) clearTimeout(timer)
    connection.say("unwatch", this.folder ? { space: this.space, folder: this.folder } : { space: this.space })
  }

  get stopped() {
    return this.abort.signal.aborted
  }

  /* A ticket, then the room; then what was missed. After a dismissal nothing else is believed before the server has said yes. */
  async watch(dismissed = false, tries = 0) {
    clearTimeout(this.renewal)
    let answer
    try {
      answer = await call("POST", `${this.base}/live-ticket`)
    } catch {
      answer = { status: 0 }
    }
    if (this.stopped) return
    if ([401, 403, 404].includes(answer.status)) return this.ears.gone(answer.status)
    if (!answer.ok) {
      if (dismissed && tries > 3) return this.ears.gone(401)
      this.renewal = setTimeout(() => this.watch(dismissed, tries + 1), 1000 + jitter(2000))
      return
    }
    if (dismissed) return connection.connect()
    const heard = await connection.say("watch", { ticket: answer.json.ticket })
    if (this.stopped) return
    if (!heard.ok) {
      this.renewal = setTimeout(() => this.watch(false, tries + 1), heard.error === "away" ? 5000 : 500 + jitter(1000))
      return this.poll()
    }
    clearTimeout(this.poller)
    const left = new Date(answer.json.expires_at) - Date.now()
    this.renewal = setTimeout(() => this.watch(), Math.max(5000, left * 0.8 - jitter(left * 0.1)))
    if (heard.last_seq > this.last) this.catchUp()
  }

  receive(data) {
    if (data.seq <= this.last || this.stopped) return
    this.early.set(data.seq, data)
    this.drain()
    /* Emits may cross after their commits: the missing one is usually on its way. */
    if (this.early.size) {
      clearTimeout(this.gap)
      this.gap = setTimeout(() => this.catchUp(), PATIENCE + jitter(PATIENCE))
    }
  }

  drain() {
    for (let next; (next = this.early.get(this.last + 1)); ) {
      this.early.delete(next.seq)
      this.last = next.seq
      this.ears.event(next)
    }
    if (!this.early.size) clearTimeout(this.gap)
  }

  async catchUp() {
    if (this.busy || this.stopped) return
    this.busy = true
    try {
      for (;;) {
        const answer = await call("GET", `${this.base}/events?after=${this.last}&limit=200`)
        if (this.stopped) return
        if ([401, 403, 404].includes(answer.status)) return this.ears.gone(answer.status)
        if (!answer.ok) return
        if (answer.json.reset) return this.ears.reset()
        for (const one of answer.json.items) if (one.seq > this.last && !this.early.has(one.seq)) this.early.set(one.seq, one)
        this.drain()
        for (const seq of this.early.keys()) if (seq <= this.last) this.early.delete(seq)
        if (this.last >= answer.json.last_seq || !answer.json.items.length) return
      }
    } catch {
      /* The network again: the next word, or the next poll, comes back to it. */
    } finally {
      this.busy = false
    }
  }

  /* Without a socket (refused, or cut): ask now and then. */
  poll() {
    clearTimeout(this.poller)
    this.poller = setTimeout(async () => {
      if (this.stopped || connection.connected()) return
      if (navigator.onLine && document.visibilityState === "visible") await this.catchUp()
      this.poll()
    }, POLL + jitter(POLL / 2))
  }
}
