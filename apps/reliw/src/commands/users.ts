import { totpUri } from '@reliw/auth/credentials'
import { loadConfig } from '../load-config.ts'
import { checkUserName } from '../operations/credentials.ts'
import * as users from '../operations/users.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readSiteName, readNames } from './arguments.ts'
import { auditEnded, publishAudit } from './publish-audit.ts'
import { readPassword } from './read-password.ts'
import { count, toTable } from './table.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

const HEAD = ['name', 'groups', 'password', 'totp', 'state']

/** `reliw user add HOST NAME` */
export async function addUser(
  shell: Shell,
  host: string,
  name: string,
  options: Configured & { groups?: string }
): Promise<void> {
  const site = readSiteName(host)
  checkUserName(name)
  await withStore(loadConfig(options.config, shell), async (store) => {
    if (await users.hasUser(store, site, name)) {
      throw new UsageError(
        `${site} already has a user ${name}: use \`reliw user passwd\` to change the password.`
      )
    }
    const groups = readNames(options.groups)
    await users.addUser(store, site, { name, password: await readPassword(shell), groups })
    await publishAudit(store, { event: 'user added', host: site, user: name })
  })
  say(shell, `${name} was added to ${site}.`)
}

/** `reliw user passwd HOST NAME`: a new password ends the user’s sessions. */
export async function changePassword(
  shell: Shell,
  host: string,
  name: string,
  options: Configured
): Promise<void> {
  const site = readSiteName(host)
  const ended = await withStore(loadConfig(options.config, shell), async (store) => {
    await users.requireUser(store, site, name)
    const sessions = await users.setPassword(store, site, name, await readPassword(shell))
    await publishAudit(store, { event: 'password changed', host: site, user: name })
    await auditEnded(store, site, sessions)
    return sessions.length
  })
  say(shell, `The password of ${name} was changed; ${count(ended, 'session')} ended.`)
}

/** `reliw user del HOST NAME`: also deletes the user’s sessions and API keys. */
export async function deleteUser(
  shell: Shell,
  host: string,
  name: string,
  options: Configured
): Promise<void> {
  const site = readSiteName(host)
  const ended = await withStore(loadConfig(options.config, shell), async (store) => {
    const sessions = await users.deleteUser(store, site, name)
    await publishAudit(store, { event: 'user deleted', host: site, user: name })
    await auditEnded(store, site, sessions)
    return sessions.length
  })
  say(shell, `${name} was deleted; ${count(ended, 'session')} ended.`)
}

/** `reliw user list HOST` */
export async function listUsers(
  shell: Shell,
  host: string,
  options: Configured & { json?: boolean }
): Promise<void> {
  const site = readSiteName(host)
  const all = await withStore(loadConfig(options.config, shell), async (store) =>
    users.listUsers(store, site)
  )
  if (options.json) return say(shell, JSON.stringify({ users: all }))
  if (all.length === 0) return say(shell, `${site} has no users.`)
  const rows = all.map(({ name, groups, password, totp, state }) => [
    name,
    groups.join(','),
    password,
    totp ? 'yes' : 'no',
    state
  ])
  for (const line of toTable(HEAD, rows)) say(shell, line)
}

/** `reliw user totp HOST NAME`: prints a new secret, once. */
export async function setTotp(
  shell: Shell,
  host: string,
  name: string,
  options: Configured & { off?: boolean }
): Promise<void> {
  const site = readSiteName(host)
  const { off = false } = options
  const secret = await withStore(loadConfig(options.config, shell), async (store) => {
    const added = off
      ? await users.removeTotp(store, site, name)
      : await users.addTotp(store, site, name)
    const event = off ? 'second factor removed' : 'second factor set'
    await publishAudit(store, { event, host: site, user: name })
    return added
  })
  if (secret === undefined) return say(shell, `${name} logs in without a code from now on.`)
  say(shell, `Secret: ${secret}`)
  say(shell, totpUri(secret, name, site))
  say(shell, 'Add it to an authenticator app now: it is not shown again.')
}
