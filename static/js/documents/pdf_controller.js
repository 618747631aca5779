/* A PDF, drawn page by page by pdf.js, which comes only when there is one to show. Its text stands beside the drawing for screen readers. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["bar", "previous", "next", "place", "canvas", "text", "message"]
  static values = { url: String, page: String, failed: String }

  async connect() {
    this.number = 1
    this.shown = this.urlValue
    this.onMorph = () => this.again()
    document.addEventListener("turbo:morph", this.onMorph)
    this.resized = new ResizeObserver(() => this.later())
    try {
      const pdf = await import("pdfjs-dist")
      pdf.GlobalWorkerOptions.workerSrc = import.meta.resolve("pdfjs-dist/build/pdf.worker.mjs")
      this.task = pdf.getDocument({ url: this.shown, isEvalSupported: false, useWasm: false, enableXfa: false, stopAtErrors: false })
      this.file = await this.task.promise
      await this.reveal()
      this.resized.observe(this.element)
    } catch (error) {
      if (!this.element.isConnected) return
      console.warn(error)
      this.shown = null
      this.canvasTarget.hidden = true
      this.messageTarget.hidden = false
      this.messageTarget.textContent = this.failedValue
    }
  }

  disconnect() {
    document.removeEventListener("turbo:morph", this.onMorph)
    this.file = null
    this.resized?.disconnect()
    clearTimeout(this.timer)
    this.task?.destroy()
  }

  /* The page was drawn again in place: the same file stays at its page, another is opened. */
  again() {
    if (this.shown !== this.urlValue) {
      this.disconnect()
      this.connect()
    } else if (this.file) this.reveal()
  }

  async reveal() {
    this.canvasTarget.hidden = false
    this.barTarget.hidden = this.file.numPages < 2
    this.messageTarget.hidden = true
    await this.draw()
  }

  previous() {
    this.go(this.number - 1)
  }

  next() {
    this.go(this.number + 1)
  }

  go(number) {
    if (number < 1 || number > this.file.numPages) return
    this.number = number
    this.draw()
  }

  later() {
    if (this.element.clientWidth === this.width) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.draw(), 200)
  }

  async draw() {
    const number = this.number
    this.width = this.element.clientWidth
    this.placeTarget.textContent = this.pageValue.replace("{page}", number).replace("{total}", this.file.numPages)
    this.previousTarget.disabled = number === 1
    this.nextTarget.disabled = number === this.file.numPages
    const page = await this.file.getPage(number)
    const whole = page.getViewport({ scale: 1 })
    const scale = Math.min(this.width / whole.width, 1.8)
    const density = Math.min(devicePixelRatio || 1, 2)
    const viewport = page.getViewport({ scale: scale * density })
    this.drawing?.cancel()
    const canvas = this.canvasTarget
    canvas.width = viewport.width
    canvas.height = viewport.height
    canvas.style.width = `${viewport.width / density}px`
    this.drawing = page.render({ canvas, viewport })
    try {
      await this.drawing.promise
    } catch (cancelled) {
      if (cancelled.name === "RenderingCancelledException") return
      throw cancelled
    }
    const { items } = await page.getTextContent()
    if (number === this.number) this.textTarget.textContent = items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("")
  }
}
