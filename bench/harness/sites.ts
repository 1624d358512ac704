import { openStore, type Store, type StoreOptions } from '@reliw/store'

type Operation = Parameters<Store['driver']['write']>[0][number]

/** A site as it is put into a store. */
export interface Site {
  host: string
  /** `[pattern, entry, exact?]` */
  routes: readonly (readonly [string, string, boolean?])[]
  entries: Record<string, object>
  /** File → content. */
  files: Record<string, Buffer>
}

/** How much is written at a time. */
const BATCH = 1000
/** How long a store may take to connect, in milliseconds. */
const PATIENCE = 5000

/** Writes sites to a store as `reliw import` would, but as a stream of large transactions. */
export async function writeSites(options: StoreOptions, sites: Iterable<Site>): Promise<void> {
  const store = openStore(options)
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

function operations({ keys }: Store, { host, routes, entries, files }: Site): Operation[] {
  return [
    { op: 'set', key: keys.routes(host), value: JSON.stringify(routes) },
    ...Object.entries(entries).map(([id, entry]): Operation => ({
      op: 'set',
      key: keys.entry(host, id),
      value: JSON.stringify(entry)
    })),
    ...Object.entries(files).map(([name, content]): Operation => ({
      op: 'hset',
      key: keys.file(host, name),
      fields: { content }
    }))
  ]
}
