import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endChild, spawnChild } from './child.ts'
import type { Peer, Place } from './peer.ts'
import { serverPin } from './pin.ts'
import { usageOf, type Usage } from './process-usage.ts'
import { ask } from './target.ts'

/** A peer that runs and answers. */
export interface Server {
  name: string
  version: string
  port: number
  /** Milliseconds from its spawn to its first response. */
  startTime: number
  usage: () => Usage
  stop: () => Promise<void>
}

/** How long a server may take to its first good response, in milliseconds. */
const PATIENCE = 30_000
/** How long until one that did not is asked again, in milliseconds. */
const PAUSE = 2

/**
 * Starts a peer and resolves when it answers without a server error. Rejects with what it wrote
 * when it exits or does not come to that.
 *
 * @param pin where it runs; by default on the servers' core, `[]` is ours
 */
export async function startServer(
  peer: Peer,
  place: Place,
  pin: readonly string[] = serverPin()
): Promise<Server> {
  const { command, env = {} } = await peer.prepare(place)
  const output = join(place.dir, 'output')
  const fd = openSync(output, 'w')
  const started = performance.now()
  const child = spawnChild([...pin, ...command], {
    cwd: place.dir,
    env: { ...process.env, ...env },
    stdio: ['ignore', fd, fd]
  })
  closeSync(fd)
  try {
    await firstResponse(child, place)
  } catch (cause) {
    await endChild(child)
    const why = `${(cause as Error).message}\n${readFileSync(output, 'utf8')}`
    throw new Error(`${peer.name} does not respond: ${why}`, { cause })
  }
  return {
    name: peer.name,
    version: peer.version,
    port: place.port,
    startTime: performance.now() - started,
    usage: () => usageOf(child.pid ?? 0),
    stop: () => endChild(child)
  }
}

async function firstResponse(child: ChildProcess, { port, host, path }: Place): Promise<void> {
  const latest = performance.now() + PATIENCE
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  for (;;) {
    try {
      const { status } = await ask({ port, host, path })
      if (status < 500) return
      if (performance.now() > latest) throw new Error(`the status is ${status}`)
    } catch (error) {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (failure ?? isOver) throw failure ?? new Error('it exited', { cause: error })
      if (performance.now() > latest) throw error
    }
    await delay(PAUSE)
  }
}
