/* Where one writes: buttons that write Markdown, Ctrl+Enter, a text that is kept whatever happens, and a send that can be tried again. */
import { Controller } from "@hotwired/stimulus"
import { call } from "resana/live/words.js"
import { say } from "resana/status.js"

const MARKS = { bold: ["**", "**"], italic: ["*", "*"], code: ["`", "`"], link: ["[", "](https://)"] }
const LINES = { list: "- ", quote: "> " }

export default class extends Controller {
  static targets = ["body", "toolbar", "uuid", "seen", "reply", "answer", "answered", "files", "picker", "hint", "cancel"]
  static values = { url: String, key: String, words: Object }

  connect() {
    if (this.hasToolbarTarget) this.toolbarTarget.hidden = false
    this.abort = new AbortController()
    const { signal } = this.abort
    this.element.addEventListener("composer:reply", ({ detail }) => this.replyTo(detail), { signal })
    this.bodyTarget.addEventListener("input", () => this.keep(), { signal })
    this.bodyTarget.addEventListener("keydown", (event) => this.key(event), { signal })
    this.element.addEventListener("turbo:submit-end", ({ detail }) => detail.success && this.forget(), { signal })
    /* A page that is refreshed in place comes as the server wrote it: without what only script can do. */
    document.addEventListener("turbo:morph", () => this.hasToolbarTarget && (this.toolbarTarget.hidden = false), { signal })
    this.restore()
    this.picked()
  }

  disconnect() {
    this.abort.abort()
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault()
      ;(this.element.matches("form") ? this.element : this.element.closest("form")).requestSubmit()
    }
  }

  cancel() {
    if (this.hasCancelTarget) this.cancelTarget.click()
  }

  /* The draft: of this account and this discussion, in this browser only, until it is sent or one signs out. */
  keep() {
    if (!this.keyValue) return
    try {
      if (this.bodyTarget.value) localStorage.setItem(this.keyValue, this.bodyTarget.value)
      else localStorage.removeItem(this.keyValue)
      if (this.hasHintTarget && this.bodyTarget.value && this.wordsValue.kept) this.hintTarget.textContent = this.wordsValue.kept
    } catch {
      /* Not kept, but still in the page. */
    }
  }

  restore() {
    try {
      const kept = this.keyValue && localStorage.getItem(this.keyValue)
      if (kept && !this.bodyTarget.value) {
        this.bodyTarget.value = kept
        this.grow()
      }
    } catch {
      /* Storage is closed to us. */
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.keyValue)
    } catch {
      /* Nothing was kept. */
    }
  }

  grow() {
    this.bodyTarget.dispatchEvent(new Event("input", { bubbles: true }))
  }

  format({ currentTarget: { value: kind } }) {
    const area = this.bodyTarget
    const { selectionStart: start, selectionEnd: end, value } = area
    let chosen = value.slice(start, end)
    area.focus()
    if (LINES[kind]) {
      const from = value.lastIndexOf("\n", start - 1) + 1
      chosen = value.slice(from, end)
      area.setSelectionRange(from, end)
      this.insert(chosen.split("\n").map((line) => LINES[kind] + line).join("\n"))
    } else if (kind === "code" && chosen.includes("\n")) {
      this.insert(`\n\`\`\`\n${chosen}\n\`\`\`\n`)
    } else {
      const [open, close] = MARKS[kind]
      this.insert(open + chosen + close)
      const at = start + open.length
      if (kind === "link" && chosen) area.setSelectionRange(end + 3, end + 11)
      else area.setSelectionRange(at, at + chosen.length)
    }
  }

  /* As if typed, so that one can undo it. */
  insert(text) {
    if (!document.execCommand("insertText", false, text)) this.bodyTarget.setRangeText(text, this.bodyTarget.selectionStart, this.bodyTarget.selectionEnd, "end")
    this.grow()
  }

  replyTo({ no, name }) {
    this.replyTarget.value = no
    this.answeredTarget.textContent = name
    this.answerTarget.hidden = false
    this.bodyTarget.focus()
  }

  forgetReply() {
    this.replyTarget.value = ""
    this.answerTarget.hidden = true
    this.bodyTarget.focus()
  }

  get chosen() {
    return [...this.element.querySelectorAll("input[name=attachments]:checked")]
  }

  picked() {
    if (!this.hasFilesTarget) return
    this.filesTarget.hidden = !this.chosen.length
    this.filesTarget.replaceChildren(
      ...this.chosen.map((box) => {
        const line = document.createElement("li")
        const name = document.createElement("span")
        name.className = "file"
        name.textContent = box.dataset.name
        line.append(name)
        return line
      }),
    )
  }

  async send(event) {
    event.preventDefault()
    const body = this.bodyTarget.value
    if (!body.trim()) return
    const said = {
      body,
      client_uuid: this.uuidTarget.value,
      seen_no: Number(this.seenTarget.value) || 0,
      attachments: this.chosen.map((box) => box.value),
    }
    if (this.replyTarget.value) said.reply_to = Number(this.replyTarget.value)
    const pending = this.show(said)
    this.bodyTarget.value = ""
    this.grow()
    this.uuidTarget.value = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`
    this.replyTarget.value = ""
    this.answerTarget.hidden = true
    for (const box of this.chosen) box.checked = false
    this.picked()
    this.bodyTarget.focus()
    this.keepUnsent(said)
    await this.deliver(said, pending)
  }

  /* What was not sent yet stays in the browser too: closing the page loses nothing. */
  keepUnsent({ body }) {
    try {
      if (!this.bodyTarget.value) localStorage.setItem(this.keyValue, body)
    } catch {
      /* Not kept. */
    }
  }

  show({ body }) {
    const log = document.querySelector(".log[role=log]")
    document.querySelector("[data-room-target~=empty]")?.remove()
    const frame = document.createElement("div")
    frame.className = "message-frame pending"
    const article = document.createElement("article")
    article.className = "message pending mine"
    const who = document.createElement("header")
    who.className = "who"
    who.textContent = this.wordsValue.me
    const text = document.createElement("div")
    text.className = "body prose"
    for (const line of body.split(/\n{2,}/)) {
      const part = document.createElement("p")
      part.textContent = line
      text.append(part)
    }
    const state = document.createElement("p")
    state.className = "state"
    state.textContent = this.wordsValue.sending
    article.append(who, text, state)
    frame.append(article)
    log.append(frame)
    this.element.scrollIntoView({ block: "end" })
    return frame
  }

  async deliver(said, pending) {
    const article = pending.firstElementChild
    article.classList.remove("failed")
    article.querySelector(".state").textContent = this.wordsValue.sending
    let answer
    try {
      answer = await call("POST", this.urlValue, said)
    } catch {
      answer = { ok: false, status: 0 }
    }
    if (answer.ok) return this.delivered(answer.json, pending, said)
    this.failed(said, pending, answer)
  }

  async delivered(message, pending, said) {
    try {
      if (localStorage.getItem(this.keyValue) === said.body) this.forget()
    } catch {
      /* Nothing was kept. */
    }
    const address = `/threads/${message.thread_id}/messages/${message.no}`
    const page = await fetch(address, { headers: { "X-Fragment": "message" }, credentials: "same-origin" }).catch(() => null)
    const template = document.createElement("template")
    if (page?.ok && !page.redirected) template.innerHTML = await page.text()
    const fresh = template.content.querySelector("turbo-frame")
    const there = document.getElementById(`m${message.no}`)
    if (there) {
      pending.remove()
      if (fresh) there.replaceChildren(...fresh.childNodes)
    } else if (fresh) {
      pending.replaceWith(fresh)
      document.dispatchEvent(new CustomEvent("resana:message", { detail: { frame: fresh, mine: true } }))
    } else pending.remove()
    this.seenTarget.value = Math.max(Number(this.seenTarget.value), message.no)
    if (this.hasHintTarget) this.hintTarget.textContent = this.wordsValue.sent
    say(this.wordsValue.sent)
  }

  failed(said, pending, { status, json }) {
    const article = pending.firstElementChild
    article.classList.add("failed")
    const state = article.querySelector(".state")
    const reason = json?.errors?.[0]?.message ?? (status ? json?.detail : null) ?? this.wordsValue.failed
    state.textContent = `${reason} `
    const resume = this.button(this.wordsValue.resume, () => {
      pending.remove()
      this.bodyTarget.value = this.bodyTarget.value ? `${said.body}\n\n${this.bodyTarget.value}` : said.body
      this.grow()
      this.bodyTarget.focus()
    })
    const again = status === 422 || status === 409 || status === 403 ? [] : [this.button(this.wordsValue.retry, () => this.deliver(said, pending))]
    state.append(...again, resume)
    say(reason)
  }

  button(words, act) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "button small"
    button.textContent = words
    button.addEventListener("click", act)
    return button
  }
}
