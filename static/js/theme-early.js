/* Before the first paint: the appearance chosen in this browser, if one was. Loaded without "defer" on purpose. */
(function () {
  try {
    var chosen = localStorage.getItem("resana-theme")
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen
  } catch (refused) {
    /* Storage may be closed to us: the appearance of the device then holds. */
  }
})()
