import { join } from 'node:path'
import { portOf, tempDir, type TestContext } from '@reliw/testing'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { build } from '../src/build.ts'
import { Config } from '../src/config.ts'
import { addressesOf } from '../src/listeners/address.ts'
import { findLine, type Line } from './log-lines.ts'
import { openSites, type Write } from './site-writer.ts'

/** The whole server, in this process. */
export interface Server {
  app: FastifyInstance
  port: number
  log: Line[]
  /** The first log line that has these fields, when it is there. */
  line: (fields: Record<string, unknown>) => Promise<Line>
  /** Changes its store, as another process would. */
  set: Write
}

/**
 * Starts a server on a port of loopback, with a store, embedded unless configured, that holds `values`. It ends with the test.
 *
 * @param prepare called before the server listens
 */
export async function startServer(
  t: TestContext,
  values: Record<string, unknown>,
  config: Config = {},
  prepare: (app: FastifyInstance) => void = () => undefined
): Promise<Server> {
  const dir = tempDir(t)
  const input: Config = {
    port: 0,
    data_dir: join(dir, 'www'),
    store: { dir: join(dir, 'store') },
    drain_timeout: 0,
    ...config
  }
  const { redis } = input
  const set = await openSites(
    t,
    redis === undefined ? { dir: input.store?.dir ?? join(dir, 'store') } : { redis },
    values
  )
  const settings = Config.parse(input)
  const log: Line[] = []
  const writeLine = (line: string): void => void log.push(JSON.parse(line) as Line)
  const logger = pino({ level: settings.log_level, base: null }, { write: writeLine })
  const app = await build(input, {
    logger,
    writeLine,
    flush: async () => undefined,
    dropped: () => 0
  })
  prepare(app)
  await app.listeners.open(app, addressesOf(settings))
  t.teardown(() => {
    app.listeners.closeAllConnections()
    return app.close()
  })
  return { app, port: portOf(app.server), log, line: (fields) => findLine(log, fields), set }
}
