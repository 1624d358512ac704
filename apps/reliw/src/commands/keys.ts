import type { Operation } from '@reliw/model'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import type { Shell } from '../shell.ts'
import { findConflict } from '../site/conflicts.ts'
import { readValue } from './read-value.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

/** `reliw get KEY [FIELD]`: exit 1 when there is no such value. */
export async function get(
  shell: Shell,
  key: string,
  field: string | undefined,
  options: Configured
): Promise<void> {
  await withStore(loadConfig(options.config, shell), async ({ driver, keys }) => {
    const name = keys.complete(key)
    const isHash = (await driver.type(name)) === 'hash'
    if (field !== undefined || !isHash) {
      const value =
        field === undefined ? await driver.get(name) : await driver.hashField(name, field)
      if (value === undefined)
        throw new UsageError(`There is no ${[name, field].join(' ').trim()}.`)
      shell.stdout.write(value)
      if (shell.stdout.isTTY) shell.stdout.write('\n')
      return
    }
    const fields = Object.entries((await driver.hash(name)) ?? {})
    const readable = Object.fromEntries(fields.map(([at, value]) => [at, value.toString()]))
    shell.stdout.write(`${JSON.stringify(readable, null, 2)}\n`)
  })
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
  if (words.length > 2) throw new UsageError('Quote the value: it has to be one word.')
  const value = await readValue(shell, given)
  const ttl = options.ttl === undefined ? undefined : seconds(options.ttl)
  await withStore(loadConfig(options.config, shell), async (store) => {
    const { driver, keys } = store
    const name = keys.complete(key)
    if (options.check) {
      keys.check(name, value, field)
      const conflict = await findConflict(store, name, value)
      if (conflict !== undefined) throw new UsageError(conflict)
    }
    const operations: Operation[] =
      field === undefined
        ? [{ op: 'set', key: name, value, ttl }]
        : [{ op: 'hset', key: name, fields: { [field]: value } }]
    if (field !== undefined && ttl !== undefined) operations.push({ op: 'expire', key: name, ttl })
    await driver.write(operations)
  })
}

/** `reliw del KEY [FIELD]`: exit 1 when there is nothing to delete. */
export async function del(
  shell: Shell,
  key: string,
  field: string | undefined,
  options: Configured
): Promise<void> {
  await withStore(loadConfig(options.config, shell), async ({ driver, keys }) => {
    const name = keys.complete(key)
    const found =
      field === undefined ? await driver.type(name) : await driver.hashField(name, field)
    if (found === undefined) throw new UsageError(`There is no ${[name, field].join(' ').trim()}.`)
    await driver.write([
      field === undefined ? { op: 'delete', key: name } : { op: 'hdelete', key: name, field }
    ])
  })
}

/** `reliw keys [PREFIX]` */
export async function list(shell: Shell, prefix: string, options: Configured): Promise<void> {
  await withStore(loadConfig(options.config, shell), async ({ driver, keys }) => {
    for await (const batch of driver.keys(keys.complete(prefix), 1000)) {
      shell.stdout.write(batch.map((key) => `${key}\n`).join(''))
    }
  })
}

function seconds(given: string): number {
  const ms = Number(given) * 1000
  if (!Number.isSafeInteger(ms) || ms <= 0) throw new UsageError('--ttl takes a number of seconds.')
  return ms
}
