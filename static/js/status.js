/* say("Message envoyé."): heard politely by screen readers. show("…"): the same, and seen for six seconds at the bottom of the page. */

export function say(words) {
  const region = document.getElementById("status")
  if (!region) return
  region.textContent = ""
  setTimeout(() => (region.textContent = words), 60)
}

export function show(words) {
  say(words)
  const toast = document.createElement("p")
  toast.className = "toast"
  toast.ariaHidden = "true"
  toast.textContent = words
  document.getElementById("toasts")?.append(toast)
  setTimeout(() => toast.remove(), 6000)
}
