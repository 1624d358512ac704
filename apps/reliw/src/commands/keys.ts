import { loadConfig } from '../load-config.ts'
import * as values from '../operations/values.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readValue } from './read-value.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

/** `reliw get KEY [FIELD]`: exit 1 when the value does not exist. */
export async function get(
  shell: Shell,
  key: string,
  field: string | undefined,
  options: Configured
): Promise<void> {
  const value = await withStore(loadConfig(options.config, shell), async (store) =>
    values.readValue(store, { key, field })
  )
  if (value instanceof Buffer) {
    shell.stdout.write(value)
    if (shell.stdout.isTTY) shell.stdout.write('\n')
    return
  }
  const fields = Object.entries(value).map(([at, content]) => [at, content.toString()])
  say(shell, JSON.stringify(Object.fromEntries(fields), null, 2))
}

interface SetOptions extends Configured {
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
    values.writeValue(store, { key, field, value, ttl, isUnchecked })
  )
}

/** `reliw del KEY [FIELD]`: exit 1 when there is nothing to delete. */
export async function del(
  shell: Shell,
  key: string,
  field: string | undefined,
  options: Configured
): Promise<void> {
  await withStore(loadConfig(options.config, shell), async (store) =>
    values.deleteValue(store, { key, field })
  )
}

/** `reliw keys [PREFIX]` */
export async function list(
  shell: Shell,
  prefix: string | undefined,
  options: Configured
): Promise<void> {
  await withStore(loadConfig(options.config, shell), async (store) => {
    for await (const batch of values.listKeys(store, prefix ?? '')) {
      shell.stdout.write(batch.map((key) => `${key}\n`).join(''))
    }
  })
}

function seconds(given: string): number {
  const ms = Number(given) * 1000
  if (!Number.isSafeInteger(ms) || ms <= 0)
    throw new UsageError('--ttl: expected a number of seconds, such as 600.')
  return ms
}
