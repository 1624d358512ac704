import { loadConfig } from '../load-config.ts'
import { forgetForwardAuth } from '../operations/forward-auth.ts'
import * as sessions from '../operations/sessions.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readSiteName } from './arguments.ts'
import { auditEnded } from './publish-audit.ts'
import { count, describeDate, describeTime, toTable } from './table.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

/** `reliw sessions list HOST` */
export async function listSessions(
  shell: Shell,
  host: string,
  options: Configured & { user?: string; json?: boolean }
): Promise<void> {
  const site = readSiteName(host)
  const { user } = options
  const all = await withStore(loadConfig(options.config, shell), async (store) =>
    sessions.listSessions(store, site, { all: user === undefined, user })
  )
  if (options.json) return say(shell, JSON.stringify({ sessions: all.map(toJson) }))
  if (all.length === 0) return say(shell, `${user ?? site} has no sessions.`)
  const rows = all.map(({ id, session: { user: owner, created, ip, agent }, left }) => [
    id,
    owner,
    describeDate(created) ?? '',
    left === undefined ? 'forever' : describeTime(left),
    ip,
    agent.slice(0, 40)
  ])
  for (const line of toTable(['id', 'user', 'since', 'left', 'address', 'client'], rows))
    say(shell, line)
}

/**
 * `reliw sessions revoke HOST [ID…]`: ends these sessions, those of a user (--user), or all (--all); exit 1 when none
 * ended.
 */
export async function revokeSessions(
  shell: Shell,
  host: string,
  ids: string[],
  options: Configured & { user?: string; all?: boolean }
): Promise<void> {
  const site = readSiteName(host)
  if (ids.length === 0 && options.user === undefined && !options.all)
    throw new UsageError('Specify session ids, --user NAME or --all.')
  const { user, all } = options
  const ended = await withStore(loadConfig(options.config, shell), async (store) => {
    const found = await sessions.endSessions(store, site, { all, user, ids })
    await auditEnded(store, site, found)
    if (all || user !== undefined) await forgetForwardAuth(store, { host: site, user })
    return found.length
  })
  if (ended === 0)
    throw new UsageError(`No such session: \`reliw sessions list ${site}\` lists them.`)
  say(shell, `${count(ended, 'session')} ended.`)
}

/** `reliw sessions forget HOST [--user NAME]`: cached responses of forward-auth are not used again. */
export async function forgetResponses(
  shell: Shell,
  host: string,
  { config, user }: Configured & { user?: string }
): Promise<void> {
  const site = readSiteName(host)
  await withStore(loadConfig(config, shell), async (store) =>
    forgetForwardAuth(store, { host: site, user })
  )
  const whose = user === undefined ? '' : ` about ${user}`
  say(shell, `${site}: cached forward-auth responses${whose} are forgotten.`)
}

/** A session as JSON: `since` in ISO 8601, `left` in seconds; null where unknown or forever. */
function toJson({ id, session, left }: sessions.StoredSession): object {
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
