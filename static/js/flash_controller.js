/* What just happened: said by screen readers although it came with the page, and closed on demand, never by itself. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["item", "close"]

  connect() {
    for (const button of this.closeTargets) button.hidden = false
    /* A live region speaks when it changes: what is already in it is put in once more. */
    this.timer = setTimeout(() => this.element.append(...this.itemTargets), 150)
    this.forget = () => this.element.replaceChildren()
    document.addEventListener("turbo:before-cache", this.forget)
  }

  disconnect() {
    clearTimeout(this.timer)
    document.removeEventListener("turbo:before-cache", this.forget)
  }

  close({ currentTarget }) {
    const item = currentTarget.closest("[data-flash-target=item]")
    const next = item.nextElementSibling?.querySelector("button") ?? document.getElementById("main")
    item.remove()
    next?.focus()
  }
}
