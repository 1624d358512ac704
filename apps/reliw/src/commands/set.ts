import { loadConfig } from '../load-config.ts'
import { writeValue } from '../operations/write-value.ts'
import { UsageError } from '../report-failure.ts'
import type { Shell } from '../shell.ts'
import { readValue } from './read-value.ts'
import { withStore } from './with-store.ts'

interface SetOptions {
  config?: string
  ttl?: string
  check: boolean
}

/** `reliw set KEY [FIELD] VALUE` */
export async function set(
  shell: Shell,
  key: string,
  words: string[],
  options: SetOptions
): Promise<void> {
  const [given = '', field] = words.toReversed()
  if (words.length > 2)
    throw new UsageError('Too many arguments: quote a value that contains spaces.')
  const value = await readValue(shell, given)
  const ttl = options.ttl === undefined ? undefined : seconds(options.ttl)
  const isUnchecked = !options.check
  await withStore(loadConfig(options.config, shell), async (store) =>
    writeValue(store, { key, field, value, ttl, isUnchecked })
  )
}

function seconds(given: string): number {
  const ms = Number(given) * 1000
  if (!Number.isSafeInteger(ms) || ms <= 0)
    throw new UsageError('--ttl: expected a number of seconds, such as 600.')
  return ms
}
