import type { Store } from '@reliw/model'
import { otherType } from '../other-type.ts'
import { parseJson } from '../parse-json.ts'

/** Sites with an access log of their own, each with the reason why it has no effect, on a server without a folder for it. */
export async function findLogFiles({ driver, keys }: Store): Promise<string[]> {
  const issues: string[] = []
  for await (const batch of driver.keys(keys.settings(''), 1000)) {
    for (const key of batch) {
      const raw = await driver.get(key).catch(otherType)
      const settings = parseJson(raw)
      if (!(settings instanceof Object && 'access_log' in settings)) continue
      if (typeof settings.access_log === 'string')
        issues.push(`${key}: access_log: no effect without "access_log_dir" in the config`)
    }
  }
  return issues.toSorted()
}
