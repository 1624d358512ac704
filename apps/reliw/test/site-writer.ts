import { openStore } from '@reliw/store'
import type { TestContext } from '@reliw/testing'

/** Writes a key's value: a string as it is, the fields of FILES, all else as JSON. */
export type Write = (key: string, value: unknown) => Promise<void>

/** Opens an embedded store as another process would, and puts values into it. It is closed with the test. */
export async function openSites(
  t: TestContext,
  dir: string,
  values: Record<string, unknown>
): Promise<Write> {
  const store = openStore({ dir })
  t.teardown(() => store.close())
  const { driver, keys } = store
  const write: Write = async (name, value) => {
    const key = keys.complete(name)
    if (name.startsWith('FILES:')) {
      return driver.write([{ op: 'hset', key, fields: value as Record<string, string> }])
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return driver.write([{ op: 'set', key, value: text }])
  }
  for (const [key, value] of Object.entries(values)) await write(key, value)
  return write
}
