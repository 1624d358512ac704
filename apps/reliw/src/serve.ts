import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { build } from './build.ts'
import type { Config, Settings } from './config.ts'
import { idleOptions } from './idle-options.ts'
import { addressesOf } from './listeners/address.ts'
import type { LoadedConfig } from './load-config.ts'
import { createLog, type Log } from './log.ts'
import { followLogSignals } from './log-signals.ts'
import { startMetrics } from './start-metrics.ts'
import { version } from './version.ts'

/** Signals within this time are one, in milliseconds. */
const ONE_SIGNAL = 500
/** How long the last lines of the log may take at the end, in milliseconds. */
const LAST_LINES = 2000

/**
 * Starts the server and stays with it: SIGTERM, SIGINT and SIGHUP drain it and end the process with 0, a second
 * signal ends it at once.
 */
export async function serve({ file, input, settings }: LoadedConfig): Promise<void> {
  const log = createLog(settings)
  followLogSignals(log)
  const idle = idleOptions(input)
  if (idle.length > 0)
    log.logger.warn({ config: file, mistakes: idle }, 'config has settings without effect')
  const app = await build(input, log)
  const listening = await open(app, input, settings)
  log.logger.info({ version, config: file, ...listening }, 'started')
  drainOnSignal(app, log, settings.drain_timeout)
}

/** Health can be asked for before the first request is let in. */
async function open(
  app: FastifyInstance,
  input: Config,
  settings: Settings
): Promise<{ urls: string[]; metrics: string | undefined }> {
  try {
    const metrics = await startMetrics(app, input)
    return { urls: await app.listeners.open(app, addressesOf(settings)), metrics }
  } catch (error) {
    await app.close()
    throw error
  }
}

function drainOnSignal(app: FastifyInstance, log: Log, patience: number): void {
  const drain = async (signal: string): Promise<void> => {
    log.logger.info({ signal }, 'draining')
    const timer = setTimeout(() => app.listeners.closeAllConnections(), patience)
    await app.close()
    clearTimeout(timer)
    // Requests that were cut hear of it after the server, and have their lines written then.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    log.logger.info('closed')
    if (await isFlushed(log)) process.exit(0)
    // A write that blocks would keep `exit` waiting for its thread. The signal itself does not wait.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
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

function isFlushed(log: Log): Promise<boolean> {
  return Promise.race([log.flush().then(() => true), delay(LAST_LINES, false)])
}
