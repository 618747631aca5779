/* Three buttons: as the device, light, dark. The choice stays in this browser. */
import { Controller } from "@hotwired/stimulus"

const KEY = "resana-theme"

export default class extends Controller {
  static targets = ["choice"]

  connect() {
    this.onMorph = () => this.mark()
    document.addEventListener("turbo:morph", this.onMorph)
    this.mark()
  }

  disconnect() {
    document.removeEventListener("turbo:morph", this.onMorph)
  }

  choose({ currentTarget: { value } }) {
    const root = document.documentElement
    try {
      if (value === "system") localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, value)
    } catch {
      /* Not kept, but still shown on this page. */
    }
    if (value === "system") delete root.dataset.theme
    else root.dataset.theme = value
    this.mark()
  }

  mark() {
    this.element.hidden = false
    const present = document.documentElement.dataset.theme ?? "system"
    for (const choice of this.choiceTargets) choice.setAttribute("aria-pressed", String(choice.value === present))
  }
}
