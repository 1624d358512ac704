import { InvalidValue, type Operation, Session, type Store } from '@reliw/model'
import { parseJson } from './parse-json.ts'

/** Sessions that are read at once. */
const BATCH = 250

export interface StoredSession {
  /** The hash of its token: nobody can log in with it. */
  id: string
  session: Session
  /** Milliseconds; undefined: for ever. */
  left: number | undefined
}

/** Which sessions of a host are meant: those that fit any of these; none by default. */
export interface SessionChoice {
  all?: boolean | undefined
  user?: string | undefined
  ids?: readonly string[]
}

/** Sessions of a host, the newest first. What is stored there and is no session is left out. */
export async function listSessions(
  store: Store,
  host: string,
  choice: SessionChoice
): Promise<StoredSession[]> {
  const found = await findSessions(store, host, choice)
  return found.toSorted((a, b) => b.session.created - a.session.created)
}

/**
 * Ends sessions of a host, at once on all servers.
 *
 * @returns those that ended, in no order; there may be none
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

/** Sessions of a host, in no order. */
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

/** A key of another type is no session: it keeps nobody from the others. */
function otherType(error: unknown): undefined {
  if (!(error instanceof InvalidValue)) throw error
}
