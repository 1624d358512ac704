import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { portOf, type TestContext } from '@reliw/testing'
import type { ResponseCase } from './response-grammar.ts'

/** An origin that answers `/case/N` with the bytes of a case, and knows nothing of HTTP otherwise. */
export interface CaseOrigin {
  readonly port: number
  /** What it answers from now on, by number. */
  readonly cases: Map<number, ResponseCase>
}

/** Starts it. It ends with the test. */
export async function startCaseOrigin(t: TestContext): Promise<CaseOrigin> {
  const cases = new Map<number, ResponseCase>()
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
    let request = ''
    socket.on('data', (text: string) => {
      request += text
      // Uploads are of known length and end in what this looks for.
      const end = request.startsWith('POST ') ? 'the end' : '\r\n\r\n'
      if (!request.endsWith(end)) return
      const index = Number(/^[A-Z]+ \/case\/(\d+) /.exec(request)?.[1] ?? -1)
      request = ''
      void play(socket, cases.get(index))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { port: portOf(server), cases }
}

async function play(socket: Socket, one: ResponseCase | undefined): Promise<void> {
  if (one === undefined) return void socket.destroy()
  for (const piece of one.pieces) {
    if (socket.destroyed) return
    socket.write(piece, 'latin1')
    if (one.pieces.length > 1) await turn()
  }
  if (one.ending === 'closed') socket.end()
  if (one.ending === 'reset') socket.resetAndDestroy()
}
