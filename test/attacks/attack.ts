import type { TestContext } from '@reliw/testing'
import type { ServeOptions, Served } from '../served/serve.ts'

/** A server that is attacked, and what is attacked about it. */
export interface Stage {
  readonly t: TestContext
  readonly served: Served
}

/** One attack. */
export interface Attack {
  readonly name: string
  /** The line of the table that says what it does. */
  readonly does: string
  /** Starts origins, and says what the server is started with. */
  readonly prepare: (t: TestContext) => Promise<Prepared>
}

export interface Prepared {
  readonly serve: Omit<ServeOptions, 'flags' | 'cgroup'>
  /** What others ask for meanwhile; each is to answer 200. */
  readonly honest: readonly HonestRequest[]
  /** Attacks until it is over, or has lasted long enough; resolves to what is wrong beyond what all attacks are checked for. */
  readonly run: (stage: Stage) => Promise<readonly string[]>
}

/** What somebody asks for who means no harm. */
export interface HonestRequest {
  readonly host: string
  readonly path: string
}

/** A host with a page, which others ask for during each attack. */
export const CALM = 'calm.test'
export const calmValues = {
  [`API:${CALM}`]: [['^/', 'page']],
  [`API:${CALM}:page`]: { methods: { GET: true }, index: 'index.html' },
  [`FILES:${CALM}:/index.html`]: { content: '<h1>calm</h1>' }
}
export const calmRequest: HonestRequest = { host: CALM, path: '/' }
