import { resolve } from 'node:path'
import type { Store } from '@reliw/model'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { findSites, readSite } from '../site/read-site.ts'
import { findUnused, outlineOfSite } from '../site/outline.ts'
import type { Site } from '../site/site-document.ts'
import { findMistakes, writeSite } from '../site/write-site.ts'
import { withStore } from './with-store.ts'

interface ImportOptions {
  config?: string
  skipExisting?: boolean
  dryRun?: boolean
}

/** `reliw import PATH`: checks every site first, then writes each in one transaction. */
export async function importSites(
  shell: Shell,
  path: string,
  options: ImportOptions
): Promise<void> {
  const documents = await findSites(resolve(shell.cwd(), path))
  const sites = await readAll(documents)
  await withStore(loadConfig(options.config, shell), async (store) => {
    const mistakes = [...findTwins(sites), ...sites.flatMap((site) => findMistakes(store, site))]
    if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'))
    for (const site of sites) await put(shell, store, site, options)
  })
}

async function readAll(documents: string[]): Promise<Site[]> {
  const results = await Promise.allSettled(documents.map(readSite))
  const mistakes = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as Error).message] : []
  )
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'))
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Of two documents for one host only one could be what the store has afterwards. */
function findTwins(sites: Site[]): string[] {
  const hosts = sites.map(({ host }) => host)
  const twins = new Set(hosts.filter((host, at) => hosts.indexOf(host) !== at))
  return [...twins].map((host) => `${host}: it is described twice`)
}

async function put(
  shell: Shell,
  store: Store,
  site: Site,
  { skipExisting, dryRun }: ImportOptions
): Promise<void> {
  const exists = (await store.driver.type(store.keys.routes(site.host))) !== undefined
  if (skipExisting && exists) return say(shell, `${site.host}: is there already`)
  for (const line of findUnused(store.keys, outlineOfSite(store.keys, site)))
    shell.stderr.write(`warning: ${line}\n`)
  if (dryRun) return say(shell, `${site.host}: no mistakes, ${count(site)}`)
  await writeSite(store, site)
  say(shell, `${site.host}: ${exists ? 'replaced' : 'imported'}, ${count(site)}`)
}

function count({ files }: Site): string {
  const n = Object.keys(files).length
  return n === 1 ? '1 file' : `${n} files`
}
