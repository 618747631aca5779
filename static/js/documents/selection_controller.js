/* A list with boxes: shift takes all between two, the arrows go from line to line, Ctrl+A takes all, Escape none, Delete puts into the trash,
   F2 renames. The bar for many at once is there when something is ticked; without script it always is. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["all", "box", "bar", "count", "rename", "trash", "none"]

  connect() {
    this.abort = new AbortController()
    const { signal } = this.abort
    this.last = null
    this.element.addEventListener("click", (event) => this.click(event), { signal })
    document.addEventListener("turbo:morph", () => this.show(), { signal })
    this.show()
  }

  disconnect() {
    this.abort.abort()
  }

  get ticked() {
    return this.boxTargets.filter((box) => box.checked)
  }

  click(event) {
    const box = event.target
    if (!this.boxTargets.includes(box)) return
    if (event.shiftKey && this.last) this.between(this.last, box)
    this.last = box
    this.show()
  }

  between(from, to) {
    const boxes = this.boxTargets
    const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((one, other) => one - other)
    for (const box of boxes.slice(first, last + 1)) box.checked = to.checked
  }

  change() {
    this.show()
  }

  every() {
    for (const box of this.boxTargets) box.checked = this.allTarget.checked
    this.show()
  }

  none() {
    for (const box of this.boxTargets) box.checked = false
    this.show()
    this.boxTargets[0]?.focus()
  }

  key(event) {
    if (!this.hasBarTarget) return
    const { key, target } = event
    const here = target.closest("tr")
    if (!here || !this.element.querySelector("tbody").contains(here)) return
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault()
      const boxes = this.boxTargets
      const box = here.querySelector("[data-selection-target=box]")
      const next = boxes[boxes.indexOf(box) + (key === "ArrowDown" ? 1 : -1)]
      if (!next) return
      if (event.shiftKey) next.checked = box.checked = true
      next.focus()
      this.last = next
      this.show()
    } else if (key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      for (const box of this.boxTargets) box.checked = true
      this.show()
    } else if (key === "Escape" && this.ticked.length) {
      this.none()
    } else if (key === "Delete" && this.ticked.length) {
      event.preventDefault()
      this.trashTarget.click()
    } else if (key === "F2" && !this.renameTarget.hidden) {
      event.preventDefault()
      this.renameTarget.click()
    }
  }

  show() {
    if (!this.hasBarTarget) return
    const { ticked } = this
    const { one, many } = this.countTarget.dataset
    this.barTarget.hidden = ticked.length === 0
    this.noneTarget.hidden = false
    const words = ticked.length === 1 ? one : many.replace("{n}", ticked.length)
    if (this.countTarget.textContent !== words) this.countTarget.textContent = words
    this.renameTarget.hidden = ticked.length !== 1
    if (ticked.length === 1) this.renameTarget.href = ticked[0].dataset.name
    this.allTarget.checked = ticked.length > 0 && ticked.length === this.boxTargets.length
    this.allTarget.indeterminate = ticked.length > 0 && !this.allTarget.checked
    for (const box of this.boxTargets) box.closest("tr").setAttribute("aria-selected", String(box.checked))
  }
}
