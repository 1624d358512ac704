// A Fastify app with the plugin and a few routes, on a socket of loopback.

import { assumeFacts, type KnownFacts } from '@reliw/http'
import { portOf, type TestContext } from '@reliw/testing'
import Fastify, {
  type FastifyContextConfig,
  type FastifyInstance,
  type FastifyRequest
} from 'fastify'
import { type AuthOptions, auth } from '../src/index.ts'

export type Rule = FastifyContextConfig['auth']

export interface RunningApp {
  readonly app: FastifyInstance
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  readonly port: number
  /** All that was logged, at every level, one text a line. */
  readonly log: readonly string[]
}

/** The host of requests to `origin`, as the store's keys name it. */
export const HOST = '127.0.0.1'

/** What every app has beside the routes that a test asks for. */
const PAGES: Readonly<Record<string, Rule>> = {
  '/login': { login: true },
  '/logout': { logout: true },
  '/public': undefined,
  '/private': {}
}
const METHODS = ['GET', 'HEAD', 'POST', 'PUT']

/**
 * Starts the app. It ends with the test. Its routes response with `request.identity` as JSON.
 *
 * @param rules of the routes that it has more, by their paths
 * @param known what it knows better than its requests
 */
export async function startApp(
  t: TestContext,
  options: AuthOptions,
  rules: Readonly<Record<string, Rule>> = {},
  known?: (request: FastifyRequest) => KnownFacts
): Promise<RunningApp> {
  const log: string[] = []
  const stream = { write: (line: string): void => void log.push(line) }
  const app = Fastify({ logger: { level: 'trace', stream } })
  t.teardown(() => {
    app.server.closeAllConnections()
    return app.close()
  })
  if (known !== undefined) assumeFacts(app, known)
  await app.register(auth, options)
  for (const [url, rule] of Object.entries({ ...PAGES, ...rules })) {
    const config = rule === undefined ? {} : { auth: rule }
    app.route({ method: METHODS, url, config, handler: async ({ identity = null }) => identity })
  }
  await app.listen({ host: HOST, port: 0 })
  const port = portOf(app.server)
  return { app, origin: `http://${HOST}:${port}`, port, log }
}
