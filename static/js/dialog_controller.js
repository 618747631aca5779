/* A button and its <dialog popover>. Without script the popover opens by itself; here it becomes a modal dialog. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["opener", "box"]

  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    this.boxTarget.addEventListener("click", (click) => this.leave(click), { signal })
    document.addEventListener("turbo:morph", () => this.modal(), { signal })
    this.modal()
  }

  disconnect() {
    this.abort.abort()
    if (this.hasBoxTarget && this.boxTarget.open) this.boxTarget.close()
  }

  modal() {
    this.boxTarget.removeAttribute("popover")
    this.element.querySelectorAll("[popovertarget]").forEach((button) => button.removeAttribute("popovertarget"))
  }

  open(event) {
    event.preventDefault()
    this.boxTarget.showModal()
  }

  /* A click beside the box closes it; one inside is not ours. */
  leave(click) {
    if (click.target === this.boxTarget && this.outside(click)) this.close()
  }

  close() {
    this.boxTarget.close()
    if (this.hasOpenerTarget) this.openerTarget.focus()
  }

  outside({ clientX, clientY }) {
    const { left, right, top, bottom } = this.boxTarget.getBoundingClientRect()
    return clientX < left || clientX > right || clientY < top || clientY > bottom
  }
}
