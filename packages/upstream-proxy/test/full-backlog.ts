import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { TestContext } from '@reliw/testing'

/** Listens, says where, and never turns to its sockets again. */
const LISTENER = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
`

/**
 * A TCP port on loopback that answers nobody: its listener is stuck, and whoever may wait for it does.
 * Resolves to the port; it ends with the test.
 */
export async function startFullBacklog(t: TestContext): Promise<number> {
  const worker = new Worker(LISTENER, { eval: true })
  t.teardown(async () => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  const sockets: Socket[] = []
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  // The kernel takes one connection more than the backlog says, and is never asked for any of them.
  for (let waiting = 0; waiting < 2; waiting++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
  }
  return port
}
