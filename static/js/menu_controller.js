/* <details data-controller="menu">: closes on Escape, on a click elsewhere, when the focus leaves; the arrows go from line to line. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    document.addEventListener("click", (event) => this.closeFrom(event.target), { signal })
    document.addEventListener("turbo:before-cache", () => (this.element.open = false), { signal })
    this.element.addEventListener("focusout", (event) => event.relatedTarget && this.closeFrom(event.relatedTarget), { signal })
    this.element.addEventListener("keydown", (event) => this.key(event), { signal })
    this.element.addEventListener("toggle", () => this.place(), { signal })
  }

  disconnect() {
    this.abort.abort()
  }

  closeFrom(target) {
    if (this.element.open && !this.element.contains(target)) this.element.open = false
  }

  key(event) {
    if (event.key === "Escape" && this.element.open) {
      event.stopPropagation()
      this.element.open = false
      this.element.querySelector("summary").focus()
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!this.element.open) this.element.open = true
      const lines = [...this.element.querySelectorAll(".menu-list :is(a, button):not([disabled])")]
      const step = event.key === "ArrowDown" ? 1 : -1
      const from = lines.indexOf(document.activeElement)
      const to = from < 0 ? (step > 0 ? 0 : lines.length - 1) : from + step
      lines[(to + lines.length) % lines.length]?.focus()
    }
  }

  /* Near the bottom of the window the list opens upwards. */
  place() {
    const list = this.element.querySelector(".menu-list")
    list.classList.remove("above")
    if (!this.element.open) return
    const { bottom } = list.getBoundingClientRect()
    const { top } = this.element.getBoundingClientRect()
    if (bottom > innerHeight && top > list.offsetHeight) list.classList.add("above")
  }
}
