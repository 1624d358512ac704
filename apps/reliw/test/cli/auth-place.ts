// A folder with a site that has users, a server that serves it, and commands that change who may come in.

import { join } from 'node:path'
import { waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import type { Config } from '../../src/index.ts'
import { clientsOf, HOST, type ProtectedServer, protectedSite } from '../protected-site.ts'
import { openSites } from '../site-writer.ts'
import { createWorkplace, type Outcome, type Served, type Workplace } from './run-cli.ts'

type Clients = Pick<ProtectedServer, 'visitor' | 'logIn' | 'send' | 'set'>

export interface AuthPlace extends Workplace, Clients {
  served: Served
  /** Waits for the line that tells of what was done at the command line. */
  audit: (event: string) => Promise<Record<string, unknown>>
  /** All that commands have printed, and the server's log. */
  written: () => string
}

/** Makes the folder and starts the server. `/private` is for all who log in, `/api` for all with a key. */
export async function createAuthPlace(t: Test, config: Config = {}): Promise<AuthPlace> {
  const place = createWorkplace(t, config)
  const { redis } = config
  const options = redis === undefined ? { dir: join(place.dir, 'reliw-store') } : { redis }
  const entries = { private: { auth: {} }, api: { auth: { any: ['api_key'] } } }
  const set = await openSites(t, options, {
    ...(await protectedSite(entries)),
    [`FILES:${HOST}:/private`]: { content: 'content' },
    [`FILES:${HOST}:/api`]: { content: 'content' }
  })
  const served = await place.serve()
  const printed: string[] = []
  const run: Workplace['run'] = async (args, input) => {
    const outcome = await place.run(args, input)
    printed.push(outcome.stdout, outcome.stderr)
    return outcome
  }
  const audit: AuthPlace['audit'] = async (event) => {
    const find = (): Record<string, unknown> | undefined =>
      served.log.findLast(
        (line) => line['audit'] === true && line['event'] === event && line['by'] === 'cli'
      )
    return waitFor(find, `an audit line of "${event}"`)
  }
  const written = (): string => printed.join('') + JSON.stringify(served.log)
  return {
    ...place,
    ...clientsOf(served.port),
    reliw: async (...args) => succeeded(await run(args)),
    run,
    set,
    served,
    audit,
    written
  }
}

/** What a command printed that succeeded and had nothing to complain about. */
export function succeeded({ code, stdout, stderr }: Outcome): string {
  if (code !== 0 || stderr !== '') throw new Error(`${code}: ${stderr}`)
  return stdout
}
