import type { Store } from '@reliw/model'
import { Conflict, NotFound } from './errors.ts'
import { parseJson } from './parse-json.ts'
import { writeValue } from './write-value.ts'

/** Fields of `maintenance` in `SITE:<host>`, as they are stored. */
export interface GivenMaintenance {
  message?: string | undefined
  retry_after?: string | undefined
  allow_from?: string | undefined
  hold?: string | undefined
}

/**
 * Begins the maintenance of a site; if it is under way, changes the given fields and keeps the others.
 *
 * @throws NotFound when the host has neither routes nor an upstream; InvalidValue for a field; Conflict when the stored
 * settings are not an object
 */
export async function beginMaintenance(
  store: Store,
  host: string,
  given: GivenMaintenance
): Promise<void> {
  const { driver, keys } = store
  const types = [driver.type(keys.routes(host)), driver.type(keys.proxy(host))]
  if ((await Promise.all(types)).every((type) => type === undefined))
    throw new NotFound(`${host} is not served: there is neither API:${host} nor PROXY:${host}.`)
  const settings = await readSettings(store, host)
  const maintenance = { ...(settings['maintenance'] as object | undefined), ...given }
  await writeSettings(store, host, { ...settings, maintenance })
}

/**
 * Ends the maintenance of a site.
 *
 * @throws NotFound when the site is not in maintenance; InvalidValue when its other settings are invalid: they would not
 * come into force
 */
export async function endMaintenance(store: Store, host: string): Promise<void> {
  const { maintenance, ...rest } = await readSettings(store, host)
  if (maintenance === undefined) throw new NotFound(`${host} is not in maintenance.`)
  if (Object.keys(rest).length > 0) return writeSettings(store, host, rest)
  await store.driver.write([{ op: 'delete', key: store.keys.settings(host) }])
}

async function readSettings(
  { driver, keys }: Store,
  host: string
): Promise<Record<string, unknown>> {
  const key = keys.settings(host)
  const raw = await driver.get(key)
  if (raw === undefined) return {}
  const settings = parseJson(raw)
  if (settings instanceof Object && !Array.isArray(settings))
    return settings as Record<string, unknown>
  throw new Conflict(`${key} is not a JSON object: write valid settings first.`)
}

async function writeSettings(store: Store, host: string, settings: object): Promise<void> {
  const key = store.keys.settings(host)
  await writeValue(store, { key, value: Buffer.from(JSON.stringify(settings)) })
}
