/* What just happened: said by screen readers although it came with the page, and closed on demand, never by itself. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["item", "close"]

  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    /* A live region speaks when it changes: what is already in it is put in once more. */
    this.timer = setTimeout(() => this.element.append(...this.itemTargets), 150)
    document.addEventListener("turbo:before-cache", () => this.element.replaceChildren(), { signal })
    document.addEventListener("turbo:morph", () => this.closable(), { signal })
    this.closable()
  }

  disconnect() {
    clearTimeout(this.timer)
    this.abort.abort()
  }

  closable() {
    for (const button of this.closeTargets) button.hidden = false
  }

  close({ currentTarget }) {
    const item = currentTarget.closest("[data-flash-target=item]")
    const next = item.nextElementSibling?.querySelector("button") ?? document.getElementById("main")
    item.remove()
    next?.focus()
  }
}
