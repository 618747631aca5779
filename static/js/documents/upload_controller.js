/* Files on their way up: picked or dropped, two at a time, each with its progress, to be cancelled and tried again. A name that is taken is
   asked about in a dialog. Without script, the form in the dialog does the same in one go. */
import { Controller } from "@hotwired/stimulus"
import { say, show } from "resana/status.js"

const AT_ONCE = 2

export default class extends Controller {
  static targets = ["form", "picker", "plain", "box", "list", "line", "conflict", "words", "zone"]
  static values = { url: String, folder: String }

  connect() {
    this.waiting = []
    this.running = new Set()
    this.depth = 0
    this.forAll = null
    this.asking = Promise.resolve()
    this.plainTarget.hidden = true
    this.plainTarget.disabled = true
    this.abort = new AbortController()
    const { signal } = this.abort
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault(), { signal })
    document.addEventListener("turbo:before-visit", (event) => this.busy && !confirm(this.say("leave")) && event.preventDefault(), { signal })
  }

  disconnect() {
    this.abort.abort()
    for (const upload of this.running) upload.request?.abort()
    this.waiting = []
  }

  get busy() {
    return this.running.size > 0 || this.waiting.length > 0
  }

  say(word) {
    return this.wordsTarget.dataset[word]
  }

  /* Where files come from */

  submit(event) {
    event.preventDefault()
    this.take([...this.pickerTarget.files])
  }

  pick() {
    this.take([...this.pickerTarget.files])
  }

  enter(event) {
    if (!this.brings(event)) return
    event.preventDefault()
    this.depth += 1
    this.zoneTarget.toggleAttribute("data-dropping", true)
  }

  over(event) {
    if (!this.brings(event)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
  }

  leave(event) {
    if (!this.brings(event)) return
    this.depth -= 1
    if (this.depth <= 0) this.calm()
  }

  drop(event) {
    if (!this.brings(event)) return
    event.preventDefault()
    this.calm()
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file")
    const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory)
    if (folders.length) show(this.say("folder"))
    this.take(items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile()).filter(Boolean))
  }

  brings(event) {
    return event.dataTransfer?.types.includes("Files")
  }

  calm() {
    this.depth = 0
    this.zoneTarget.toggleAttribute("data-dropping", false)
  }

  take(files) {
    if (!files.length) return
    const dialog = this.formTarget.closest("dialog")
    if (dialog?.open) dialog.close()
    this.formTarget.reset()
    this.boxTarget.hidden = false
    if (!this.busy) this.forAll = null
    for (const file of files) this.enqueue(this.line(file))
  }

  /* One file */

  line(file) {
    const element = this.lineTarget.content.firstElementChild.cloneNode(true)
    const part = (name) => element.querySelector(`[data-part=${name}]`)
    const upload = { file, element, part, choice: "refuse", key: crypto.randomUUID?.() }
    part("name").textContent = file.name
    part("progress").setAttribute("aria-label", file.name)
    part("cancel").addEventListener("click", () => this.cancel(upload))
    part("retry").addEventListener("click", () => this.enqueue(upload))
    this.listTarget.append(element)
    return upload
  }

  enqueue(upload) {
    upload.ended = false
    upload.part("retry").hidden = true
    upload.part("cancel").hidden = false
    upload.part("progress").hidden = false
    this.tell(upload, "waiting")
    this.waiting.push(upload)
    this.go()
  }

  go() {
    while (this.running.size < AT_ONCE && this.waiting.length) this.send(this.waiting.shift())
    if (!this.busy && this.arrived) this.finish()
  }

  send(upload) {
    this.running.add(upload)
    const body = new FormData()
    if (this.folderValue) body.append("folder_id", this.folderValue)
    body.append("on_conflict", upload.choice)
    body.append("file", upload.file, upload.file.name)
    const request = (upload.request = new XMLHttpRequest())
    request.open("POST", this.urlValue)
    request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf-token]").content)
    request.setRequestHeader("Accept-Language", document.documentElement.lang)
    if (upload.key) request.setRequestHeader("Idempotency-Key", `${upload.key}-${upload.choice}`)
    this.tell(upload, "sending")
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = total ? Math.floor((100 * loaded) / total) : 0
      upload.part("progress").value = percent
      upload.part("words").textContent = percent < 100 ? `${percent} %` : this.say("finishing")
    })
    request.addEventListener("load", () => this.answered(upload, request))
    request.addEventListener("error", () => this.end(upload, this.say("failed"), true))
    request.addEventListener("abort", () => this.end(upload, this.say("cancelled"), true))
    request.send(body)
  }

  async answered(upload, request) {
    if (request.status === 201) {
      this.arrived = true
      this.end(upload, this.say("done"), false)
      return
    }
    const answer = parsed(request.responseText)
    const field = answer.errors?.[0]
    if (request.status === 409 && field?.field === "name" && upload.choice === "refuse") {
      const choice = await this.ask(upload)
      this.running.delete(upload)
      if (choice === "skip") this.end(upload, this.say("skipped"), false)
      else {
        upload.choice = choice
        this.enqueue(upload)
      }
      return
    }
    this.end(upload, field?.message || answer.detail || this.say("failed"), true)
  }

  /* One question at a time, and none any more once the answer is for all. */
  ask(upload) {
    const answer = this.asking.then(() => this.forAll ?? this.question(upload))
    this.asking = answer.catch(() => {})
    return answer
  }

  question(upload) {
    const dialog = this.conflictTarget
    const all = dialog.querySelector("[data-part=all]")
    dialog.querySelector("[data-part=words]").textContent = this.say("taken").replace("{name}", upload.file.name)
    all.checked = false
    dialog.returnValue = "skip"
    dialog.showModal()
    return new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          const choice = dialog.returnValue || "skip"
          if (all.checked) this.forAll = choice
          resolve(choice)
        },
        { once: true },
      )
    })
  }

  cancel(upload) {
    if (this.running.has(upload)) return upload.request.abort()
    this.waiting = this.waiting.filter((other) => other !== upload)
    this.end(upload, this.say("cancelled"), true)
  }

  end(upload, words, again) {
    this.running.delete(upload)
    upload.ended = true
    upload.part("words").textContent = words
    upload.part("progress").hidden = true
    upload.part("cancel").hidden = true
    upload.part("retry").hidden = !again
    if (again) say(`${upload.file.name} : ${words}`)
    this.uploads ??= []
    this.uploads.push(upload)
    this.go()
  }

  tell(upload, word) {
    upload.part("words").textContent = this.say(word)
  }

  /* The list anew, without leaving the page: what failed stays to be read. */
  async finish() {
    this.arrived = false
    say(this.say("all"))
    const page = parsedPage(await (await fetch(location.href, { headers: { Accept: "text/html" } })).text())
    const list = page.getElementById("entries")
    if (list) this.zoneTarget.replaceWith(document.adoptNode(list))
  }

  clear() {
    for (const upload of this.uploads ?? []) if (upload.ended) upload.element.remove()
    this.uploads = []
    this.boxTarget.hidden = this.listTarget.children.length === 0
    document.getElementById("main").focus()
  }
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function parsedPage(html) {
  return new DOMParser().parseFromString(html, "text/html")
}
