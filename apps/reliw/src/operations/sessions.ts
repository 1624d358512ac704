import { type Operation, Session, type Store } from '@reliw/model'
import { otherType } from './other-type.ts'
import { parseJson } from './parse-json.ts'

/** Number of sessions that are read at the same time. */
const BATCH = 250

export interface StoredSession {
  /** The hash of the session's token; it cannot be used to log in. */
  id: string
  session: Session
  /** Time left, in milliseconds; undefined: forever. */
  left: number | undefined
}

/** A choice of a host's sessions: every session that matches one of these fields; none by default. */
export interface SessionChoice {
  all?: boolean | undefined
  user?: string | undefined
  ids?: readonly string[]
}

/** The chosen sessions of a host, newest first. Stored values that are not sessions are left out. */
export async function listSessions(
  store: Store,
  host: string,
  choice: SessionChoice
): Promise<StoredSession[]> {
  const found = await findSessions(store, host, choice)
  return found.toSorted((a, b) => b.session.created - a.session.created)
}

/**
 * Ends the chosen sessions of a host, at once on all servers.
 *
 * @returns the sessions that ended, in no order; may be empty
 */
export async function endSessions(
  store: Store,
  host: string,
  choice: SessionChoice
): Promise<StoredSession[]> {
  const found = await findSessions(store, host, choice)
  await store.driver.write(found.map((session) => deletionOf(store, host, session)))
  return found
}

/** The operation that ends a session. */
export function deletionOf({ keys }: Store, host: string, { id }: StoredSession): Operation {
  return { op: 'delete', key: keys.session(host, id) }
}

/** The chosen sessions of a host, in no order. */
export async function findSessions(
  { driver, keys }: Store,
  host: string,
  { all = false, user, ids }: SessionChoice
): Promise<StoredSession[]> {
  const prefix = keys.session(host)
  const wanted = new Set(ids)
  const chosen = new Map<string, StoredSession>()
  for await (const batch of driver.keys(prefix, BATCH)) {
    const found = await Promise.all(batch.map(async (key) => read(driver, key)))
    for (const [at, stored] of found.entries()) {
      if (stored === undefined) continue
      const id = batch[at]?.slice(prefix.length) ?? ''
      const isChosen = all || stored.session.user === user || wanted.has(id)
      if (isChosen) chosen.set(id, { id, ...stored })
    }
  }
  return [...chosen.values()]
}

async function read(
  driver: Store['driver'],
  key: string
): Promise<Omit<StoredSession, 'id'> | undefined> {
  const raw = await driver.get(key).catch(otherType)
  const left = await driver.ttl(key)
  const { data: session } = Session.safeParse(parseJson(raw))
  return session && { session, left }
}
