import {
  type AuthSettings,
  type Keyspace,
  type Live,
  type LiveSession,
  Session
} from '@reliw/model'
import { andThen } from '../live.ts'
import { hashToken, idOfToken, newToken } from '../token.ts'
import type { Keys } from './memory-keys.ts'

/** How much of its time a session may have used up before it is written that it goes on. */
const UNWRITTEN = 0.05
/** The longest name of a client that is kept. */
const MAX_AGENT = 200

/** The part of a store that knows sessions without being asked. */
export type FindSession = (host: string, id: string) => Live<LiveSession | undefined>

export interface SessionParts {
  keyspace: Keyspace
  keys: Keys
  /** Default: read from `keys` each time. */
  find?: FindSession | undefined
}

/** Sessions: known by the hash of their token, ending a while after their last use. */
export class Sessions {
  readonly #keyspace: Keyspace
  readonly #keys: Keys
  readonly #find: FindSession
  /** Those of which it is written already that they go on. */
  readonly #extended = new WeakSet<LiveSession>()

  constructor({ keyspace, keys, find }: SessionParts) {
    this.#keyspace = keyspace
    this.#keys = keys
    this.#find = find ?? (async (host, id) => this.#read(host, id))
  }

  /** The session of a token while it lasts; finding it is using it. Rejects as the store does. */
  find(host: string, token: string | undefined, settings: AuthSettings): Live<Session | undefined> {
    const id = idOfToken(token)
    if (id === undefined) return undefined
    return andThen(this.#find(host, id), (live) => {
      if (live === undefined) return undefined
      const now = Date.now()
      const end = endOf(live.session, settings)
      if (now >= live.expires || now >= end) return undefined
      if (live.expires - now < settings.session_ttl * (1 - UNWRITTEN)) {
        this.#extend(this.#keyspace.session(host, id), live, settings, end - now)
      }
      return live.session
    })
  }

  /** Begins a session. Returns its token, which is kept nowhere. */
  async begin(
    host: string,
    session: Omit<Session, 'created'>,
    settings: AuthSettings
  ): Promise<string> {
    const token = newToken()
    const key = this.#keyspace.session(host, hashToken(token))
    const agent = session.agent.slice(0, MAX_AGENT)
    const value = JSON.stringify({ ...session, agent, created: Date.now() })
    const ttl = Math.min(settings.session_ttl, settings.session_max_age || Infinity)
    await this.#keys.write([{ op: 'set', key, value, ttl }])
    return token
  }

  /** Ends the session of a token, if there is one. */
  async end(host: string, token: string): Promise<void> {
    await this.#keys.write([{ op: 'delete', key: this.#keyspace.session(host, hashToken(token)) }])
  }

  /** No request waits for that; where it fails, the session ends as it would have. */
  #extend(key: string, live: LiveSession, { session_ttl: ttl }: AuthSettings, left: number): void {
    if (this.#extended.has(live) || live.expires - Date.now() > left - 1000) return
    this.#extended.add(live)
    const operation = { op: 'expire', key, ttl: Math.ceil(Math.min(ttl, left)) } as const
    this.#keys.write([operation]).catch(() => this.#extended.delete(live))
  }

  async #read(host: string, id: string): Promise<LiveSession | undefined> {
    const key = this.#keyspace.session(host, id)
    const [raw, ttl = Infinity] = await Promise.all([this.#keys.get(key), this.#keys.ttl(key)])
    if (raw === undefined) return undefined
    return { session: Session.parse(JSON.parse(raw.toString())), expires: Date.now() + ttl }
  }
}

/** When a session ends whatever its use, in epoch milliseconds. */
function endOf({ created }: Session, { session_max_age: age }: AuthSettings): number {
  return age === 0 ? Infinity : created + age
}
