/* <form data-controller="passkey" data-passkey-url-value="/api/…/challenge">: asks the browser for a key (an existing one, or with
   data-passkey-create-value="true" a new one) before it is sent, and sends the key's answer in its hidden field. See accounts/factors/_passkey.html. */
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["answer", "with", "without", "failed", "late"]
  static values = { url: String, create: Boolean }

  connect() {
    const can = Boolean(window.PublicKeyCredential && navigator.credentials)
    this.withTarget.hidden = !can
    this.withoutTarget.hidden = can
    this.answerTarget.value = ""
    this.abort = new AbortController()
    /* Back by the browser's arrow: an answer serves once. */
    addEventListener("pageshow", () => (this.answerTarget.value = ""), { signal: this.abort.signal })
  }

  disconnect() {
    this.abort.abort()
  }

  async ask(event) {
    if (this.answerTarget.value) return
    event.preventDefault()
    if (this.asking) return
    this.asking = true
    this.failedTarget.hidden = this.lateTarget.hidden = true
    try {
      const options = await this.options()
      if (!options) return
      const key = this.createValue
        ? await navigator.credentials.create({ publicKey: options, signal: this.abort.signal })
        : await navigator.credentials.get({ publicKey: options, signal: this.abort.signal })
      this.answerTarget.value = JSON.stringify(written(key))
      this.element.requestSubmit()
    } catch {
      this.failedTarget.hidden = false
    } finally {
      this.asking = false
    }
  }

  async options() {
    const answer = await fetch(this.urlValue, {
      method: "POST",
      headers: { "X-CSRF-Token": this.element.querySelector("[name=csrf_token]").value },
    })
    if (!answer.ok) {
      this.lateTarget.hidden = false
      return null
    }
    return read((await answer.json()).options)
  }
}

/* The options as the browser wants them: bytes instead of base64url. */
function read(options) {
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }))
  const found = { ...options, challenge: bytes(options.challenge) }
  if (options.user) {
    found.user = { ...options.user, id: bytes(options.user.id) }
    found.excludeCredentials = known(options.excludeCredentials)
  } else {
    found.allowCredentials = known(options.allowCredentials)
  }
  return found
}

/* What the key answered, as JSON: base64url instead of bytes. */
function written(key) {
  const response = {}
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[name]) response[name] = text(key.response[name])
  }
  return { id: key.id, rawId: text(key.rawId), type: key.type, response }
}

function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/")
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("")
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}
