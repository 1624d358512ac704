import { InvalidValue, type Store, UnknownKey } from '@reliw/store'
import { ConfigError, type LoadedConfig, loadConfig } from '../load-config.ts'
import { withStore } from './with-store.ts'

interface CheckOptions {
  store?: boolean
  json?: boolean
}

/** `reliw check`: reports every mistake at once. */
export async function check(file: string | undefined, options: CheckOptions): Promise<void> {
  const mistakes: string[] = []
  let loaded: LoadedConfig | undefined
  try {
    loaded = loadConfig(file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    mistakes.push(...error.mistakes.map((mistake) => `${error.file}: ${mistake}`))
  }
  if (loaded !== undefined && options.store) {
    await withStore(loaded, async (store) => {
      for await (const mistake of checkStore(store)) mistakes.push(mistake)
    })
  }
  if (mistakes.length > 0) process.exitCode = 1
  if (options.json) process.stdout.write(`${JSON.stringify({ mistakes })}\n`)
  else print(mistakes, loaded?.file)
}

function print(mistakes: string[], file: string | undefined): void {
  if (mistakes.length === 0) process.stdout.write(`${file ?? 'the defaults'}: no mistakes\n`)
  for (const mistake of mistakes) process.stderr.write(`${mistake}\n`)
}

/** Every value that a request would find to be wrong. */
async function* checkStore(store: Store): AsyncIterable<string> {
  const { driver, keys } = store
  for (const prefix of keys.trackedPrefixes) {
    for await (const batch of driver.keys(prefix)) {
      for (const key of batch) yield* checkKey(store, key)
    }
  }
}

async function* checkKey({ driver, keys }: Store, key: string): AsyncIterable<string> {
  const fields = await fieldsOf(driver, key)
  for (const [field, value] of fields) {
    const mistake = mistakeOf(() => keys.check(key, value, field))
    if (mistake !== undefined) yield mistake
  }
  const isFile = key.startsWith(keys.file('', '').slice(0, -1))
  if (isFile && !fields.some(([field]) => field === 'content'))
    yield `${key}: it has no field "content"`
}

async function fieldsOf(driver: Store['driver'], key: string): Promise<[string, Buffer][]> {
  if ((await driver.type(key)) === 'hash') return Object.entries((await driver.hash(key)) ?? {})
  const value = await driver.get(key)
  return value === undefined ? [] : [['', value]]
}

function mistakeOf(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof InvalidValue) return `${error.key}: ${error.mistake}`
    if (error instanceof UnknownKey) return error.message
    throw error
  }
}
