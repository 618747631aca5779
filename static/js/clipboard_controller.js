/* A field and a button that copies what is in it: shown where the browser can. Where it refuses, the field is selected. */
import { Controller } from "@hotwired/stimulus"
import { show } from "resana/status.js"

export default class extends Controller {
  static targets = ["source", "button"]
  static values = { said: String }

  connect() {
    this.buttonTarget.hidden = !navigator.clipboard
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.sourceTarget.value)
      show(this.saidValue)
    } catch {
      this.sourceTarget.select()
    }
  }
}
