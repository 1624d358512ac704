import { resolve } from 'node:path'
import type { Store } from '@reliw/model'
import { loadConfig } from '../load-config.ts'
import { type CheckedSite, checkSites } from '../operations/site/check-sites.ts'
import { findMissingLists } from '../operations/site/client-references.ts'
import { hasSite } from '../operations/site/keys-of-site.ts'
import type { Site } from '../operations/site/site-document.ts'
import { writeSite } from '../operations/site/write-site.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { findSites, readSite } from './read-site-folder.ts'
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
    for (const checked of checkSites(store, sites)) await put(shell, store, checked, options)
  })
}

async function readAll(documents: string[]): Promise<Site[]> {
  const results = await Promise.allSettled(documents.map(readSite))
  const issues = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as Error).message] : []
  )
  if (issues.length > 0) throw new UsageError(issues.join('\n'))
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

async function put(
  shell: Shell,
  store: Store,
  checked: CheckedSite,
  { skipExisting, dryRun }: ImportOptions
): Promise<void> {
  const { site, warnings } = checked
  const exists = await hasSite(store, site.host)
  if (skipExisting && exists) return say(shell, `${site.host}: skipped, already in the store`)
  for (const line of [...warnings, ...(await findMissingLists(store, site))])
    shell.stderr.write(`warning: ${line}\n`)
  if (dryRun) return say(shell, `${site.host}: valid, ${count(site)}`)
  await writeSite(store, checked)
  say(shell, `${site.host}: ${exists ? 'replaced' : 'imported'}, ${count(site)}`)
}

function count({ files }: Site): string {
  const n = Object.keys(files).length
  return n === 1 ? '1 file' : `${n} files`
}
