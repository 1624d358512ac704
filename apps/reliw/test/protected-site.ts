// A site of which not everybody may have everything, served by the whole server.

import { hashPassword } from '@reliw/auth'
import { rawRequest, type TestContext } from '@reliw/testing'
import { Browser } from '../../../packages/auth/test/browser.ts'
import type { Config } from '../src/index.ts'
import { type Server, startServer } from './start-server.ts'

/** The site is the host of `origin`. */
export const HOST = '127.0.0.1'
export const PASSWORD = 'correct horse'

export interface ProtectedServer extends Server {
  /** `http://127.0.0.1:<port>` */
  origin: string
  /** A browser that has been nowhere yet. */
  visitor: () => Browser
  /** One in which a user has logged in. */
  logIn: (name?: string) => Promise<Browser>
  /** The response bytes for a request with these further header lines. */
  send: (method: string, path: string, ...lines: string[]) => Promise<string>
}

/**
 * What the store holds of such a site: users `ada`, of the group `staff`, and `bob`; the login and the
 * logout page; and each entry, with `GET` as its method, at the paths that begin with its id.
 */
export async function protectedSite(
  entries: Readonly<Record<string, object>>,
  host = HOST
): Promise<Record<string, unknown>> {
  const pass = await hashPassword(PASSWORD)
  const ids = Object.keys(entries)
  const values = Object.entries(entries).map(([id, entry]) => [
    `API:${host}:${id}`,
    { methods: { GET: true }, ...entry }
  ])
  return {
    [`USERS:${host}`]: {
      ada: JSON.stringify({ pass, groups: ['staff'] }),
      bob: JSON.stringify({ pass })
    },
    [`API:${host}`]: [
      ['/login', 'login', true],
      ['/logout', 'logout', true],
      ...ids.map((id) => [`^/${id}`, id])
    ],
    [`API:${host}:login`]: { methods: { GET: true, POST: true }, auth: { login: true } },
    [`API:${host}:logout`]: { methods: { GET: true, POST: true }, auth: { logout: true } },
    ...Object.fromEntries(values)
  }
}

/** Starts a server with that site, and with whatever else `values` are. It ends with the test. */
export async function startProtected(
  t: TestContext,
  entries: Readonly<Record<string, object>>,
  values: Readonly<Record<string, unknown>> = {},
  config: Config = {}
): Promise<ProtectedServer> {
  const server = await startServer(t, { ...(await protectedSite(entries)), ...values }, config)
  return { ...server, ...clientsOf(server.port) }
}

/** Who asks for the site of a server. */
export function clientsOf(
  port: number,
  host = HOST
): Pick<ProtectedServer, 'origin' | 'visitor' | 'logIn' | 'send'> {
  const origin = `http://${host}:${port}`
  const visitor = (): Browser => new Browser(origin)
  return {
    origin,
    visitor,
    logIn: async (name = 'ada') => {
      const browser = visitor()
      const { status } = await browser.logIn(name, PASSWORD)
      if (status !== 303) throw new Error(`${name} cannot log in: ${status}`)
      return browser
    },
    send: (method, path, ...lines) => {
      const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines]
      return rawRequest(port, `${head.join('\r\n')}\r\n\r\n`)
    }
  }
}

/** The header line with which a browser shows its session. */
export function cookieOf({ session = '' }: Browser): string {
  return `Cookie: rlw_session_token=${session}`
}
