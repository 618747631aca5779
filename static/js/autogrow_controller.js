/* <textarea data-controller="autogrow">: as tall as its text, up to what the style sheet allows. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  connect() {
    this.grow = this.grow.bind(this)
    this.element.addEventListener("input", this.grow)
    this.element.form?.addEventListener("reset", this.afterReset)
    this.grow()
  }

  disconnect() {
    this.element.removeEventListener("input", this.grow)
    this.element.form?.removeEventListener("reset", this.afterReset)
  }

  afterReset = () => requestAnimationFrame(this.grow)

  grow() {
    const { style } = this.element
    style.height = "auto"
    style.height = `${this.element.scrollHeight + 2}px`
  }
}
