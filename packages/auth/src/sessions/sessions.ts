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

/** Fraction of its `ttl` that a session may use up before its extension is written. */
const UNWRITTEN = 0.05
/** Maximum length of a stored User-Agent, in characters. */
const MAX_AGENT = 200

/** Finds a session by its id, the hash of its token; cached sessions cost no store access. */
export type FindSession = (host: string, id: string) => Live<LiveSession | undefined>

export interface SessionParts {
  keyspace: Keyspace
  keys: Keys
  /** Default: reads from `keys` each time. */
  find?: FindSession | undefined
}

/** Sessions, identified by the hash of their token. A session expires some time after its last use. */
export class Sessions {
  readonly #keyspace: Keyspace
  readonly #keys: Keys
  readonly #find: FindSession
  /** Sessions whose extension has been written. */
  readonly #extended = new WeakSet<LiveSession>()

  constructor({ keyspace, keys, find }: SessionParts) {
    this.#keyspace = keyspace
    this.#keys = keys
    this.#find = find ?? (async (host, id) => this.#read(host, id))
  }

  /** The session of a token, if it is valid; finding it counts as a use. Throws or rejects if the store does. */
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

  /** Begins a session. Returns its token, of which only the hash is stored. */
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

  /** Writes the extension of a session. No request waits for that; if it fails, the session expires as before. */
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

/** When a session ends regardless of its use, in epoch milliseconds. */
function endOf({ created }: Session, { session_max_age: age }: AuthSettings): number {
  return age === 0 ? Infinity : created + age
}
