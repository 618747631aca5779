/* word("gone"): what the scripts say, in the page's language. me(): the public id of who is signed in; null on public pages. */
const place = () => document.getElementById("live")

export const me = () => place()?.dataset.me ?? null
export const word = (name) => JSON.parse(place()?.dataset.words ?? "{}")[name] ?? ""
export const csrf = () => document.querySelector("meta[name=csrf-token]")?.content ?? ""

/* A call of the programming interface; `json` is null where there is no body. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf() }
  if (body !== undefined) headers["Content-Type"] = "application/json"
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin" })
  const text = await answer.text()
  let json = null
  try {
    json = text ? JSON.parse(text) : null
  } catch {
    /* A proxy's page instead of an answer: the status says enough. */
  }
  return { status: answer.status, ok: answer.ok, json }
}
