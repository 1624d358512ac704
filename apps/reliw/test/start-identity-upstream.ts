// A site with an upstream, and what the upstream is told of who asks.

import { hash } from 'node:crypto'
import { type Origin, respond, startOrigin, type TestContext } from '@reliw/testing'
import type { Config } from '../src/index.ts'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

/** The API key of `a program`. */
export const KEY = `rlw_${'k'.repeat(43)}`

export interface ToldServer extends ProtectedServer {
  upstream: Origin
  /** Who the origin was told that its last request is from: names in lower case, with dashes. */
  told: () => Record<string, string>
}

/** A site with an upstream for whoever proves to be somebody, and one for all. */
export async function startIdentityUpstream(
  t: TestContext,
  config: Config = {}
): Promise<ToldServer> {
  const upstream = await startOrigin(t, respond('of the origin'))
  const proxy = { target: upstream.url }
  const entries = {
    private: { auth: { any: ['session', 'basic', 'api_key'] }, proxy },
    public: { proxy }
  }
  const key = JSON.stringify({ user: 'a program', groups: ['robots', 'staff'] })
  const values = { [`KEYS:${HOST}`]: { [hash('sha256', KEY, 'hex')]: key } }
  const server = await startProtected(t, entries, values, config)
  return { ...server, upstream, told: () => identityIn(upstream) }
}

function identityIn({ requests }: Origin): Record<string, string> {
  const headers = requests
    .at(-1)
    ?.headers.map(
      ([name, value]) => [name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-'), value] as const
    )
  const found = headers?.filter(([name]) => name.startsWith('remote-')) ?? []
  const names = found.map(([name]) => name)
  if (new Set(names).size !== names.length) throw new Error(`told twice: ${names.join()}`)
  return Object.fromEntries(found)
}
