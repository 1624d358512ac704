import { splitHost, type Store } from '@reliw/model'
import { type AuthOfHost, authOfHost, describeGap } from './auth-gaps.ts'
import { parseJson } from '../parse-json.ts'

type Stored = Pick<Store, 'driver' | 'keys'>

/** A message when the `auth` rule of an entry needs something that its host does not have. */
export async function findGap(
  store: Stored,
  key: string,
  entry: Buffer | undefined
): Promise<string | undefined> {
  const { keys } = store
  const { host, name = '' } = splitHost(key.slice(keys.routes('').length))
  const value = parseJson(entry)
  if (!(value instanceof Object && 'auth' in value)) return undefined
  return describeGap(keys, name, value, await readAuth(store, host))
}

/** The same for the stored entries of a host that is to get new settings or routes. */
export async function findGapBeside(
  store: Stored,
  key: string,
  value: Buffer | undefined
): Promise<string | undefined> {
  const { driver, keys } = store
  const isRoutes = key.startsWith(keys.routes(''))
  const host = key.slice((isRoutes ? keys.routes('') : keys.settings('')).length)
  const auth = await readAuth(store, host, { key, value })
  if (isRoutes) return auth.loginEntry && gapOf(store, auth, keys.entry(host, auth.loginEntry))
  for await (const batch of driver.keys(keys.entry(host, ''), 1000)) {
    for (const entry of batch) {
      const gap = await gapOf(store, auth, entry)
      if (gap !== undefined) return gap
    }
  }
  return undefined
}

async function gapOf(
  { driver, keys }: Stored,
  auth: AuthOfHost,
  key: string
): Promise<string | undefined> {
  if ((await driver.type(key)) !== 'string') return undefined
  const id = key.slice(keys.entry(auth.host, '').length)
  return describeGap(keys, id, parseJson(await driver.get(key)), auth)
}

/**
 * The parts of a host's configuration that its `auth` rules depend on.
 *
 * @param instead a value that is used in place of the stored one
 */
export async function readAuth(
  { driver, keys }: Stored,
  host: string,
  instead?: { key: string; value: Buffer | undefined }
): Promise<AuthOfHost> {
  const read = async (key: string): Promise<Buffer | undefined> => {
    if (key === instead?.key) return instead.value
    return (await driver.type(key)) === 'string' ? driver.get(key) : undefined
  }
  const [settings, routes] = [await read(keys.settings(host)), await read(keys.routes(host))]
  return authOfHost(keys, host, settings, routes)
}
