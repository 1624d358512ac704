import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { portOf, type TestContext } from '@reliw/testing'

/** An origin for attacks: it knows nothing of HTTP but where a head ends. */
export interface ScriptOrigin {
  readonly port: number
  /** How many connections it has. */
  readonly connections: number
}

/** @param respond called with the head of each request. Requests with bodies come once */
export async function startScript(
  t: TestContext,
  respond: (head: string, socket: Socket) => void
): Promise<ScriptOrigin> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    let text = ''
    open.add(socket)
    socket.setEncoding('latin1')
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
    socket.on('data', (data: string) => {
      text += data
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = text.slice(0, end)
      text = ''
      respond(head, socket)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    port: portOf(server),
    get connections() {
      return open.size
    }
  }
}

/** A response that leaves the connection open. */
export const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
