import { InvalidValue, type Operation, Session, type Store } from '@reliw/store'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readHost } from './arguments.ts'
import { publishAudit } from './publish-audit.ts'
import { count, describeDate, describeTime, toTable } from './table.ts'
import { withStore } from './with-store.ts'

/** Sessions that are read, or ended, at once. */
const BATCH = 250

interface Configured {
  config?: string
}

/** A session as it is listed. Its id is the hash of its token, which nobody can use. */
interface Listed {
  id: string
  session: Session
  /** Milliseconds. */
  left: number | undefined
}

/** `reliw sessions list HOST` */
export async function listSessions(
  shell: Shell,
  host: string,
  options: Configured & { user?: string; json?: boolean }
): Promise<void> {
  const site = readHost(host)
  const all = await withStore(loadConfig(options.config, shell), async (store) => {
    const found: Listed[] = []
    for await (const listed of sessionsOf(store, site)) {
      if (options.user === undefined || listed.session.user === options.user) found.push(listed)
    }
    return found
  })
  all.sort((a, b) => b.session.created - a.session.created)
  if (options.json) return say(shell, JSON.stringify({ sessions: all.map(toJson) }))
  if (all.length === 0) return say(shell, 'There are no sessions.')
  const rows = all.map(({ id, session: { user, created, ip, agent }, left }) => [
    id,
    user,
    describeDate(created) ?? '',
    left === undefined ? 'for ever' : describeTime(left),
    ip,
    agent.slice(0, 40)
  ])
  for (const line of toTable(['id', 'user', 'since', 'left', 'address', 'client'], rows))
    say(shell, line)
}

/** `reliw sessions revoke HOST [ID…]`: those, or with --user or --all all of them; exit 1 when there is none. */
export async function revokeSessions(
  shell: Shell,
  host: string,
  ids: string[],
  options: Configured & { user?: string; all?: boolean }
): Promise<void> {
  const site = readHost(host)
  if (ids.length === 0 && options.user === undefined && !options.all)
    throw new UsageError('Name the sessions, or --user NAME, or --all.')
  const wanted = new Set(ids)
  const ended = await withStore(loadConfig(options.config, shell), async (store) =>
    endSessions(
      store,
      site,
      ({ user }, id) => options.all === true || user === options.user || wanted.has(id)
    )
  )
  if (ended === 0) throw new UsageError('There is no such session.')
  say(shell, `${count(ended, 'session')} ended.`)
}

/** Ends the sessions of a host that are chosen; each has an audit line. Returns how many. */
export async function endSessions(
  store: Store,
  host: string,
  choose: (session: Session, id: string) => boolean
): Promise<number> {
  const chosen: Listed[] = []
  for await (const listed of sessionsOf(store, host)) {
    if (choose(listed.session, listed.id)) chosen.push(listed)
  }
  for (let at = 0; at < chosen.length; at += BATCH) {
    const batch = chosen.slice(at, at + BATCH)
    const operations = batch.map(({ id }): Operation => ({
      op: 'delete',
      key: store.keys.session(host, id)
    }))
    await store.driver.write(operations)
    for (const { session } of batch)
      await publishAudit(store, { event: 'revoke', host, user: session.user })
  }
  return chosen.length
}

async function* sessionsOf({ driver, keys }: Store, host: string): AsyncIterable<Listed> {
  const prefix = keys.session(host)
  for await (const batch of driver.keys(prefix, BATCH)) {
    const found = await Promise.all(
      batch.map(async (key) => {
        const raw = await driver.get(key).catch(otherType)
        return [raw, await driver.ttl(key)] as const
      })
    )
    for (const [at, [raw, left]] of found.entries()) {
      const session = raw && read(raw)
      if (session) yield { id: batch[at]?.slice(prefix.length) ?? '', session, left }
    }
  }
}

/** A key of another type is no session: it keeps nobody from the others. */
function otherType(error: unknown): undefined {
  if (!(error instanceof InvalidValue)) throw error
}

function read(raw: Buffer): Session | undefined {
  try {
    return Session.safeParse(JSON.parse(raw.toString())).data
  } catch {
    return undefined
  }
}

/** Times as in a config: `since` after ISO 8601, `left` in seconds; null where there is none. */
function toJson({ id, session, left }: Listed): object {
  const { user, groups, created, second_factor, issuer, ip, agent } = session
  return {
    id,
    user,
    groups,
    since: describeDate(created) ?? null,
    left: left === undefined ? null : Math.ceil(left / 1000),
    second_factor,
    issuer: issuer ?? null,
    address: ip,
    client: agent
  }
}
