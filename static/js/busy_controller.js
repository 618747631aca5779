/* <form data-controller="busy">: is sent once; after 300 ms its button says that it works. Comes back to rest whatever the answer. */
import { Controller } from "@hotwired/stimulus"

const PATIENCE = 300

export default class extends Controller {
  connect() {
    this.sending = false
    this.abort = new AbortController()
    const { signal } = this.abort
    this.element.addEventListener("submit", (event) => this.submit(event), { signal, capture: true })
    this.element.addEventListener("turbo:submit-end", () => this.rest(), { signal })
    addEventListener("pageshow", () => this.rest(), { signal })
  }

  disconnect() {
    this.rest()
    this.abort.abort()
  }

  submit(event) {
    if (this.sending) {
      event.preventDefault()
      event.stopImmediatePropagation()
      return
    }
    this.sending = true
    this.button = event.submitter
    this.timer = setTimeout(() => this.button?.setAttribute("aria-busy", "true"), PATIENCE)
    /* Another listener may keep the form on the page (validation, confirmation): then nothing was sent. */
    setTimeout(() => event.defaultPrevented && !this.element.hasAttribute("aria-busy") && this.rest(), PATIENCE - 50)
  }

  rest() {
    this.sending = false
    clearTimeout(this.timer)
    this.button?.removeAttribute("aria-busy")
  }
}
