/* An image that cannot be drawn says so in words. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["image", "message"]

  connect() {
    this.onMorph = () => this.look()
    document.addEventListener("turbo:morph", this.onMorph)
    this.look()
  }

  disconnect() {
    document.removeEventListener("turbo:morph", this.onMorph)
  }

  look() {
    const { complete, naturalWidth } = this.imageTarget
    if (complete && !naturalWidth) this.failed()
  }

  failed() {
    this.imageTarget.hidden = true
    this.messageTarget.hidden = false
  }
}
