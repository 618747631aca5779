/* What runs on every page: Turbo, Stimulus, and the controllers by name. Every page works before this has loaded. */
import * as Turbo from "@hotwired/turbo"
import { Application } from "@hotwired/stimulus"

import Ago from "resana/ago_controller.js"
import Again from "resana/again_controller.js"
import Autogrow from "resana/autogrow_controller.js"
import Busy from "resana/busy_controller.js"
import Clipboard from "resana/clipboard_controller.js"
import Composer from "resana/composer_controller.js"
import Dialog from "resana/dialog_controller.js"
import Flash from "resana/flash_controller.js"
import Menu from "resana/menu_controller.js"
import Passkey from "resana/passkey_controller.js"
import Room from "resana/room_controller.js"
import Sidebar from "resana/sidebar_controller.js"
import Theme from "resana/theme_controller.js"
import Pdf from "resana/documents/pdf_controller.js"
import Picture from "resana/documents/picture_controller.js"
import Selection from "resana/documents/selection_controller.js"
import Upload from "resana/documents/upload_controller.js"
import "resana/live/start.js"
import { say } from "resana/status.js"

Turbo.config.drive.progressBarDelay = 300

const application = Application.start()
application.register("ago", Ago)
application.register("again", Again)
application.register("autogrow", Autogrow)
application.register("busy", Busy)
application.register("clipboard", Clipboard)
application.register("composer", Composer)
application.register("dialog", Dialog)
application.register("flash", Flash)
application.register("menu", Menu)
application.register("passkey", Passkey)
application.register("room", Room)
application.register("sidebar", Sidebar)
application.register("theme", Theme)
application.register("pdf", Pdf)
application.register("picture", Picture)
application.register("selection", Selection)
application.register("upload", Upload)

export { application }

/* Turbo changes the page without the browser saying so: we say its title, as a browser would. */
let first = true
document.addEventListener("turbo:load", () => {
  if (!first) say(document.title)
  first = false
})

const worker = document.querySelector("meta[name=service-worker]")
if (worker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(worker.content).catch(() => {})
}
