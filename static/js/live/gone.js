/* The right to see this page has ended: what it showed goes at once, whatever was being done. */
import { word } from "resana/live/words.js"

export function forgetDrafts(space = null) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("resana-draft:") && (!space || key.includes(space))) localStorage.removeItem(key)
  } catch {
    /* Storage is closed to us: there is nothing in it. */
  }
}

export function clear(status) {
  const signedOut = status === 401
  if (signedOut) forgetDrafts()
  const [title, text, back] = [word("gone"), word(signedOut ? "gone-account" : document.body.dataset.liveFolder ? "gone-folder" : "gone-space"), word(signedOut ? "sign-in" : "home")]
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close()
  const main = document.getElementById("main")
  const page = document.createElement("div")
  page.className = "page read gone"
  const heading = document.createElement("h1")
  heading.tabIndex = -1
  heading.textContent = title
  const words = document.createElement("p")
  words.textContent = text
  const link = document.createElement("a")
  link.className = "button main"
  link.href = signedOut ? "/sign-in" : "/"
  link.dataset.turbo = "false"
  link.textContent = back
  const buttons = document.createElement("p")
  buttons.className = "buttons"
  buttons.append(link)
  page.append(heading, words, buttons)
  main.replaceChildren(page)
  if (signedOut) document.getElementById("side")?.replaceChildren()
  document.title = `${title} – Resana`
  for (const name of Object.keys(document.body.dataset)) if (name.startsWith("live")) delete document.body.dataset[name]
  window.Turbo?.cache.clear()
  history.replaceState(history.state, "", location.pathname)
  heading.focus()
}
