/* The one socket of this window. It comes back by itself, later and later, never all windows at once. */
import { io } from "socket.io-client"

export const events = new EventTarget()
let socket = null

const tell = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }))

export function connect() {
  if (socket) {
    if (!socket.connected && !socket.active) socket.connect()
    return
  }
  socket = io({ transports: ["websocket"], reconnectionDelay: 1000, reconnectionDelayMax: 30000, randomizationFactor: 1 })
  socket.on("connect", () => tell("up"))
  socket.on("disconnect", (reason) => tell(reason === "io server disconnect" ? "dismissed" : "down"))
  socket.on("connect_error", () => tell("down"))
  for (const name of ["event", "tick", "access_revoked", "expired"]) socket.on(name, (data) => tell(name, data))
}

export const connected = () => Boolean(socket?.connected)

export function leave() {
  socket?.disconnect()
  socket = null
}

export async function say(name, data) {
  if (!connected()) return { ok: false, error: "away" }
  try {
    return await socket.timeout(10000).emitWithAck(name, data)
  } catch {
    return { ok: false, error: "away" }
  }
}
