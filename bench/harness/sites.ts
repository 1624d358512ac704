import type { Store, UpstreamInput } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'

type Operation = Parameters<Store['driver']['write']>[0][number]

/** A site as it is put into a store. */
export interface Site {
  host: string
  /** `[pattern, entry, exact?]` */
  routes?: readonly (readonly [string, string, boolean?])[]
  entries?: Record<string, object>
  /** File → content. */
  files?: Record<string, Buffer>
  /** What holds for the site as a whole. */
  settings?: object
  /** By name. */
  users?: Record<string, object>
  /** Where the whole site is forwarded to. */
  proxy?: UpstreamInput
}

/** How much is written at a time. */
const BATCH = 1000
/** How long a store may take to connect, in milliseconds. */
const PATIENCE = 5000

/** Writes sites to a store as `reliw import` would, but as a stream of large transactions. */
export async function writeSites(options: StoreOptions, sites: Iterable<Site>): Promise<void> {
  const store = await openStore(options)
  try {
    if (!(await store.ready(PATIENCE))) throw new Error('the store cannot be asked')
    let batch: Operation[] = []
    for (const site of sites) {
      batch.push(...operations(store, site))
      if (batch.length < BATCH) continue
      await store.driver.write(batch)
      batch = []
    }
    await store.driver.write(batch)
  } finally {
    await store.close()
  }
}

function operations({ keys }: Store, site: Site): Operation[] {
  const { host, routes, entries, files, settings, users, proxy } = site
  return [
    ...(routes === undefined ? [] : [set(keys.routes(host), routes)]),
    ...(proxy === undefined ? [] : [set(keys.proxy(host), proxy)]),
    ...(settings === undefined ? [] : [set(keys.settings(host), settings)]),
    ...Object.entries(entries ?? {}).map(([id, entry]) => set(keys.entry(host, id), entry)),
    ...Object.entries(files ?? {}).map(([name, content]): Operation => ({
      op: 'hset',
      key: keys.file(host, name),
      fields: { content }
    })),
    ...Object.entries(users ?? {}).map(([name, user]): Operation => ({
      op: 'hset',
      key: keys.users(host),
      fields: { [name]: JSON.stringify(user) }
    }))
  ]
}

function set(key: string, value: object): Operation {
  return { op: 'set', key, value: JSON.stringify(value) }
}
