import { idleBesideProxy, Settings, type Store } from '@reliw/store'

/** What settings of a site say without effect beside an upstream of the whole host; undefined: nothing. */
export function describeConflict(key: string, settings: unknown): string | undefined {
  const { data } = Settings.safeParse(settings)
  const idle = data === undefined ? [] : idleBesideProxy(data)
  return idle.length === 0 ? undefined : `${key}: ${idle.join('; ')}`
}

/** The same of a value that is to be written as `SITE:<host>` or `PROXY:<host>`, beside the other one in the store. */
export async function findConflict(
  { driver, keys }: Store,
  key: string,
  value: Buffer | undefined
): Promise<string | undefined> {
  const [settings, proxy] = [keys.settings(''), keys.proxy('')]
  if (key.startsWith(settings)) {
    const hasProxy = (await driver.type(keys.proxy(key.slice(settings.length)))) !== undefined
    return hasProxy ? describeConflict(key, parseJson(value)) : undefined
  }
  if (!key.startsWith(proxy)) return undefined
  const own = keys.settings(key.slice(proxy.length))
  return describeConflict(own, parseJson(await driver.get(own)))
}

/** Undefined when it is no JSON, or not there. */
export function parseJson(value: Buffer | undefined): unknown {
  try {
    return value && JSON.parse(value.toString())
  } catch {
    return undefined
  }
}
