/* The left column behind its button, on narrow screens: closes on Escape and when one leaves for another page. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    document.addEventListener("keydown", (event) => this.key(event), { signal })
    document.addEventListener("turbo:before-cache", () => (this.element.open = false), { signal })
  }

  disconnect() {
    this.abort.abort()
  }

  key(event) {
    if (event.key !== "Escape" || !this.element.open || event.defaultPrevented) return
    this.element.open = false
    this.element.querySelector("summary").focus()
  }
}
