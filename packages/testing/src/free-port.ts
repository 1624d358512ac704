import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what systems give to outgoing connections (Linux: 32768), so that it stays free. */
const LOWEST = 15_000
const HIGHEST = 32_000

/**
 * Finds a loopback TCP port that nothing listens on. Only for programs that cannot choose one
 * themselves (port 0): another process may take it first, so be ready to ask again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    await once(server.close(), 'close')
    return true
  } catch {
    return false
  }
}
