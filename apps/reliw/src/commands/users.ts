import { hashPassword, isUserName, newTotpSecret, totpUri } from '@reliw/auth/credentials'
import { User, type Store } from '@reliw/store'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readHost, readNames } from './arguments.ts'
import { publishAudit } from './publish-audit.ts'
import { readPassword } from './read-password.ts'
import { endSessions } from './sessions.ts'
import { count, toTable } from './table.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

type Written = Record<string, unknown> & { pass?: string }

/** `reliw user add HOST NAME` */
export async function addUser(
  shell: Shell,
  host: string,
  name: string,
  options: Configured & { groups?: string }
): Promise<void> {
  const site = readHost(host)
  if (!isUserName(name))
    throw new UsageError('A name has 1 to 256 characters, none of them control.')
  await withStore(loadConfig(options.config, shell), async (store) => {
    if ((await find(store, site, name)) !== undefined) {
      throw new UsageError(`${name} is there already: \`reliw user passwd\` sets a new password.`)
    }
    const groups = readNames(options.groups)
    const pass = await hashPassword(await readPassword(shell))
    await write(store, site, name, { pass, groups })
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
  const site = readHost(host)
  const ended = await withStore(loadConfig(options.config, shell), async (store) => {
    const { salt: _, ...user } = await get(store, site, name)
    await write(store, site, name, { ...user, pass: await hashPassword(await readPassword(shell)) })
    await publishAudit(store, { event: 'password changed', host: site, user: name })
    return endSessions(store, site, ({ user: owner }) => owner === name)
  })
  say(shell, `${name} has a new password; ${count(ended, 'session')} ended.`)
}

/** `reliw user del HOST NAME`: with the user’s sessions and API keys. */
export async function deleteUser(
  shell: Shell,
  host: string,
  name: string,
  options: Configured
): Promise<void> {
  const site = readHost(host)
  const ended = await withStore(loadConfig(options.config, shell), async (store) => {
    const { driver, keys } = store
    await get(store, site, name)
    await driver.write([{ op: 'hdelete', key: keys.users(site), field: name }])
    const apiKeys = Object.entries((await driver.hash(keys.apiKeys(site))) ?? {})
    const own = apiKeys.filter(([, raw]) => ownerOf(raw) === name)
    await driver.write(
      own.map(([field]) => ({ op: 'hdelete', key: keys.apiKeys(site), field }) as const)
    )
    await publishAudit(store, { event: 'user deleted', host: site, user: name })
    return endSessions(store, site, ({ user: owner }) => owner === name)
  })
  say(shell, `${name} was deleted; ${count(ended, 'session')} ended.`)
}

/** `reliw user list HOST` */
export async function listUsers(
  shell: Shell,
  host: string,
  options: Configured & { json?: boolean }
): Promise<void> {
  const site = readHost(host)
  const fields = await withStore(loadConfig(options.config, shell), async ({ driver, keys }) =>
    driver.hash(keys.users(site))
  )
  const users = Object.entries(fields ?? {}).map(([name, raw]) => describe(name, raw))
  users.sort((a, b) => (a.name < b.name ? -1 : 1))
  if (options.json) return say(shell, JSON.stringify({ users }))
  if (users.length === 0) return say(shell, `${site} has no users.`)
  const rows = users.map(({ name, groups, password, totp, state }) => [
    name,
    groups.join(','),
    password,
    totp ? 'yes' : 'no',
    state
  ])
  for (const line of toTable(['name', 'groups', 'password', 'totp', 'state'], rows))
    say(shell, line)
}

/** `reliw user totp HOST NAME`: prints a new secret, once. */
export async function setTotp(
  shell: Shell,
  host: string,
  name: string,
  options: Configured & { off?: boolean }
): Promise<void> {
  const site = readHost(host)
  const secret = options.off ? undefined : newTotpSecret()
  await withStore(loadConfig(options.config, shell), async (store) => {
    const { totp: _, ...user } = await get(store, site, name)
    await write(store, site, name, secret === undefined ? user : { ...user, totp: secret })
    const event = secret === undefined ? 'second factor removed' : 'second factor set'
    await publishAudit(store, { event, host: site, user: name })
  })
  if (secret === undefined) return say(shell, `${name} signs in without a code.`)
  say(shell, `Secret: ${secret}`)
  say(shell, totpUri(secret, name, site))
  say(shell, 'Add it to an authenticator app now: it is not shown again.')
}

async function find(
  { driver, keys }: Store,
  host: string,
  name: string
): Promise<Written | undefined> {
  const raw = await driver.hashField(keys.users(host), name)
  if (raw === undefined) return undefined
  keys.check(keys.users(host), raw, name)
  return JSON.parse(raw.toString()) as Written
}

async function get(store: Store, host: string, name: string): Promise<Written> {
  const user = await find(store, host, name)
  if (user === undefined) throw new UsageError(`${host} has no user ${name}.`)
  return user
}

async function write(
  { driver, keys }: Store,
  host: string,
  name: string,
  user: Written
): Promise<void> {
  const value = JSON.stringify(user)
  keys.check(keys.users(host), Buffer.from(value), name)
  await driver.write([{ op: 'hset', key: keys.users(host), fields: { [name]: value } }])
}

function describe(name: string, raw: Buffer) {
  const { data } = User.safeParse(parse(raw))
  return {
    name,
    groups: data?.groups ?? [],
    password: data?.pass.startsWith('$') ? (data.pass.split('$')[1] ?? '') : 'hmac',
    totp: data?.totp !== undefined,
    state: data === undefined ? 'wrong' : data.disabled ? 'disabled' : 'enabled'
  }
}

function ownerOf(raw: Buffer): unknown {
  return (parse(raw) as { user?: unknown } | undefined)?.user
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return undefined
  }
}
