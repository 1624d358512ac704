import { loadConfig } from '../load-config.ts'
import * as values from '../operations/values.ts'
import { say, type Shell } from '../shell.ts'
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
