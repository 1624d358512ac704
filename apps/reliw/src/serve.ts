import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { build } from './build.ts'
import { describeRedis } from './commands/describe-redis.ts'
import type { Config, Settings } from './config.ts'
import { idleOptions } from './idle-options.ts'
import { addressesOf } from './listeners/address.ts'
import type { LoadedConfig } from './load-config.ts'
import { createLog, type Log, type LogUse } from './log.ts'
import { followLogSignals } from './log-signals.ts'
import { startMetrics } from './start-metrics.ts'
import { version } from './version.ts'

/** Signals within this time count as one, in milliseconds. */
const ONE_SIGNAL = 500
/** Longest wait for the last log lines to be written at the end, in milliseconds. */
const LAST_LINES = 2000
/** What to do when there is no site. */
const NEXT = 'reliw import ./my-site, or reliw serve ./folder'

export interface Serving extends LogUse {
  /** The folder that is served instead of the sites in the store. */
  folder?: string
  /** Options of the config that the folder leaves without effect. */
  idle?: readonly string[]
}

/**
 * Starts the server. SIGTERM, SIGINT and SIGHUP drain it and end the process with 0; a second signal ends the process
 * at once.
 */
export async function serve(
  { file, input, settings, overrides }: LoadedConfig,
  { folder, idle: besideFolder = [], ...use }: Serving = {}
): Promise<void> {
  const log = createLog(settings, use)
  followLogSignals(log)
  const idle = [...besideFolder, ...idleOptions(input)]
  if (idle.length > 0)
    log.logger.warn({ config: file, mistakes: idle }, 'config has settings without effect')
  const app = await build(input, log)
  const listening = await open(app, input, settings)
  const { redis, store } = settings
  const where =
    folder === undefined ? { store: redis ? describeRedis(redis) : store.dir } : { folder }
  log.logger.info({ version, config: file, overrides, ...where, ...listening }, 'started')
  void adviseWhenEmpty(app, log)
  drainOnSignal(app, log, settings.drain_timeout)
}

/** Says what to do next once the store is known to have no site. */
async function adviseWhenEmpty({ sites }: FastifyInstance, { logger }: Log): Promise<void> {
  if (await sites.wasEmpty) logger.info({ next: NEXT }, 'store has no sites')
}

/** Starts the metrics listener first, so that health checks work before the first request is accepted. */
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
    // Requests whose connections were broken end after the server has closed; their lines are logged in these turns.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    log.logger.info('closed')
    if (await isFlushed(log)) process.exit(0)
    // A blocked write would make `exit` wait for its thread. Ending by the signal itself does not wait.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    let first = 0
    process.on(signal, () => {
      // When a whole process group is stopped, parent processes forward the signal, so it arrives several times.
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
