/* <time data-controller="ago">: keeps « il y a 5 minutes » true while the page stays open; past the hour it says the time of day,
   and past midnight the date in full. The server wrote both. */
import { Controller } from "@hotwired/stimulus"

const MINUTE = 60_000

export default class extends Controller {
  static values = { day: String }

  connect() {
    this.moment = new Date(this.element.dateTime)
    this.opened = new Date()
    this.timer = setInterval(() => this.refresh(), MINUTE / 2)
  }

  disconnect() {
    clearInterval(this.timer)
  }

  refresh() {
    const now = new Date()
    const minutes = Math.round((now - this.moment) / MINUTE)
    if (now.toDateString() !== this.opened.toDateString()) this.element.textContent = this.element.title
    else if (minutes >= 60) this.element.textContent = this.dayValue
    else if (minutes >= 1) this.element.textContent = this.words(minutes)
  }

  words(minutes) {
    return new Intl.RelativeTimeFormat(document.documentElement.lang || "fr").format(-minutes, "minute")
  }
}
