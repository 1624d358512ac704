import { isUserName, newApiKey } from '@reliw/auth/credentials'
import { ApiKey } from '@reliw/store'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readHost, readNames, readTime } from './arguments.ts'
import { publishAudit } from './publish-audit.ts'
import { describeDate, toTable } from './table.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

interface AddOptions extends Configured {
  name?: string
  groups?: string
  for?: string
}

/** Characters of its hash that a key is called by. */
const SHORT = 12
const HEAD = ['id', 'user', 'groups', 'name', 'since', 'expires', 'state']
/** What is shown of a key whose value is wrong: it is good for nothing, and can be deleted. */
const NOTHING: ApiKey = { user: '', groups: [], name: '' }

/** `reliw key add HOST USER`: prints the key, once. */
export async function addKey(
  shell: Shell,
  host: string,
  user: string,
  options: AddOptions
): Promise<void> {
  const site = readHost(host)
  if (!isUserName(user))
    throw new UsageError('A name has 1 to 256 characters, none of them control.')
  const { key, hash } = newApiKey()
  const groups = readNames(options.groups)
  const created = Date.now()
  const time = readTime(options.for)
  const expires = time === undefined ? undefined : created + time
  const value = JSON.stringify({ user, groups, name: options.name ?? '', created, expires })
  await withStore(loadConfig(options.config, shell), async (store) => {
    const { driver, keys } = store
    await driver.write([{ op: 'hset', key: keys.apiKeys(site), fields: { [hash]: value } }])
    await publishAudit(store, { event: 'key added', host: site, user, key: hash.slice(0, SHORT) })
  })
  say(shell, key)
}

/** `reliw key list HOST` */
export async function listKeys(
  shell: Shell,
  host: string,
  options: Configured & { json?: boolean }
): Promise<void> {
  const site = readHost(host)
  const fields = await withStore(loadConfig(options.config, shell), async ({ driver, keys }) =>
    driver.hash(keys.apiKeys(site))
  )
  const all = Object.entries(fields ?? {}).map(([hash, raw]) => describe(hash, raw))
  if (options.json) return say(shell, JSON.stringify({ keys: all }))
  if (all.length === 0) return say(shell, `${site} has no API keys.`)
  const rows = all.map(({ id, user, groups, name, created, expires, state }) => [
    id,
    user,
    groups.join(','),
    name,
    describeDate(created) ?? '',
    describeDate(expires) ?? (state === 'wrong' ? '' : 'never'),
    state
  ])
  for (const line of toTable(HEAD, rows)) say(shell, line)
}

/** `reliw key del HOST ID`: exit 1 when there is none. */
export async function deleteKey(
  shell: Shell,
  host: string,
  id: string,
  options: Configured
): Promise<void> {
  const site = readHost(host)
  await withStore(loadConfig(options.config, shell), async (store) => {
    const { driver, keys } = store
    const hashes = Object.keys((await driver.hash(keys.apiKeys(site))) ?? {})
    const found = hashes.filter((hash) => hash === id || hash.slice(0, SHORT) === id)
    if (found.length === 0) throw new UsageError(`${site} has no API key ${id}.`)
    const key = keys.apiKeys(site)
    await driver.write(found.map((field) => ({ op: 'hdelete', key, field }) as const))
    await publishAudit(store, { event: 'key deleted', host: site, key: id })
  })
  say(shell, `The key ${id} was deleted.`)
}

function describe(hash: string, raw: Buffer) {
  const { data } = ApiKey.safeParse(parse(raw))
  const { expires = Infinity } = data ?? NOTHING
  const state = data === undefined ? 'wrong' : Date.now() < expires ? 'good' : 'expired'
  return { id: hash.slice(0, SHORT), ...(data ?? NOTHING), state }
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return undefined
  }
}
