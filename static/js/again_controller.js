/* <div data-controller="again" data-again-seconds-value="2">: loads the page again, in its place, while something goes on that it tells of. */
import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"

export default class extends Controller {
  static values = { seconds: Number }

  connect() {
    this.timer = setTimeout(() => visit(location.href, { action: "replace" }), this.secondsValue * 1000)
  }

  disconnect() {
    clearTimeout(this.timer)
  }
}
