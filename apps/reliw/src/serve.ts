import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { build } from './build.ts'
import { listen } from './listen.ts'
import type { LoadedConfig } from './load-config.ts'
import { createLog, type Log } from './log.ts'
import { version } from './version.ts'

/** Signals within this time are one, in milliseconds. */
const ONE_SIGNAL = 500

/**
 * Starts the server and stays with it: SIGTERM and SIGINT drain it and end the process with 0, a second
 * signal ends it at once.
 */
export async function serve({ file, input, settings }: LoadedConfig): Promise<void> {
  const log = createLog(settings)
  const app = await build(input, log)
  const urls = await listen(app, settings).catch(async (error: unknown) => {
    await app.close()
    throw error
  })
  log.logger.info({ version, config: file, urls }, 'started')
  drainOnSignal(app, log, settings.drain_timeout)
}

function drainOnSignal(app: FastifyInstance, log: Log, patience: number): void {
  const drain = async (signal: string): Promise<void> => {
    log.logger.info({ signal }, 'draining')
    const timer = setTimeout(() => app.closeAllConnections(), patience)
    await app.close()
    clearTimeout(timer)
    // Requests that were cut hear of it after the server, and have their lines written then.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    log.logger.info('closed')
    await log.flush()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    let first = 0
    process.on(signal, () => {
      // Whoever stops a whole group of processes has each signal sent on to us again by those above.
      if (first > 0 && Date.now() - first > ONE_SIGNAL) process.exit(1)
      if (first > 0) return
      first = Date.now()
      void drain(signal)
    })
  }
}
