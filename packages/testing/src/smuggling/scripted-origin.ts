import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { startOrigin, type Origin } from '../origin.ts'
import type { TestContext } from '../test-context.ts'
import { inPieces } from './in-pieces.ts'

/** What an origin responses to `/tested`. */
export interface Script {
  readonly bytes: string
  readonly isEnded: boolean
  readonly isSlow: boolean
}

/** An origin that responses `/tested` by its script once it may, and everything else properly. */
export interface ScriptedOrigin {
  readonly origin: Origin
  play: (script: Script) => void
  /** Lets the response go. */
  release: () => void
}

export async function startScripted(t: TestContext): Promise<ScriptedOrigin> {
  let script: Script | undefined
  let gate = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async ({ target }, connection) => {
    if (target !== '/tested' || script === undefined) {
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`)
      return
    }
    await gate.promise
    await perform(script, connection)
  })
  return {
    origin,
    play: (next) => {
      script = next
      gate = Promise.withResolvers()
    },
    release: () => gate.resolve()
  }
}

async function perform({ bytes, isEnded, isSlow }: Script, connection: Socket): Promise<void> {
  if (isSlow) {
    for (const piece of inPieces(bytes)) {
      if (connection.destroyed) return
      connection.write(piece, 'latin1')
      await turn()
    }
  } else {
    connection.write(bytes, 'latin1')
  }
  if (isEnded) connection.end()
}
