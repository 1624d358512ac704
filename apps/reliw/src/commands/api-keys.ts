import { loadConfig } from '../load-config.ts'
import * as apiKeys from '../operations/api-keys.ts'
import { checkUserName } from '../operations/credentials.ts'
import { say, type Shell } from '../shell.ts'
import { readSiteName, readNames, readTime } from './arguments.ts'
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

const HEAD = ['id', 'user', 'groups', 'name', 'since', 'expires', 'state']

/** `reliw key add HOST USER`: prints the key, once. */
export async function addKey(
  shell: Shell,
  host: string,
  user: string,
  options: AddOptions
): Promise<void> {
  const site = readSiteName(host)
  checkUserName(user)
  const groups = readNames(options.groups)
  const { name = '' } = options
  const lifetime = readTime(options.for)
  const added = await withStore(loadConfig(options.config, shell), async (store) => {
    const { key, id } = await apiKeys.addApiKey(store, site, { user, groups, name, lifetime })
    await publishAudit(store, { event: 'key added', host: site, user, key: id })
    return key
  })
  say(shell, added)
}

/** `reliw key list HOST` */
export async function listKeys(
  shell: Shell,
  host: string,
  options: Configured & { json?: boolean }
): Promise<void> {
  const site = readSiteName(host)
  const all = await withStore(loadConfig(options.config, shell), async (store) =>
    apiKeys.listApiKeys(store, site)
  )
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

/** `reliw key del HOST ID`: exit 1 when the key does not exist. */
export async function deleteKey(
  shell: Shell,
  host: string,
  id: string,
  options: Configured
): Promise<void> {
  const site = readSiteName(host)
  await withStore(loadConfig(options.config, shell), async (store) => {
    await apiKeys.deleteApiKey(store, site, id)
    await publishAudit(store, { event: 'key deleted', host: site, key: id })
  })
  say(shell, `The key ${id} was deleted.`)
}
