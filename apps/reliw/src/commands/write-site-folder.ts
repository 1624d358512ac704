import { chmod, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Store } from '@reliw/model'
import { directoryOf, makeDirectory } from '@reliw/options'
import { exportSite } from '../operations/site/export-site.ts'
import { UsageError } from '../report-failure.ts'
import { DOCUMENT } from './read-site-folder.ts'

/**
 * Writes a site to a folder of its name, in the form that import takes. The document contains password hashes, so only
 * its owner may read it.
 *
 * @throws UsageError, NotFound or Conflict when it cannot be written as it is stored
 */
export async function writeSiteFolder(store: Store, host: string, out: string): Promise<void> {
  const folder = join(out, directoryOf(host))
  const document = await exportSite(store, host, async (kind, name, content) =>
    writeWithin(join(folder, kind), name, content)
  )
  makeDirectory(folder)
  await writeForOwner(join(folder, DOCUMENT), `${JSON.stringify(document, null, 2)}\n`)
}

/**
 * security: an existing file keeps its mode, and hashes in it might be readable by other users, so the mode is set
 * first.
 */
async function writeForOwner(path: string, text: string): Promise<void> {
  await writeFile(path, '', { mode: 0o600 })
  await chmod(path, 0o600)
  await writeFile(path, text)
}

/**
 * security: an attacker with access to the store may choose a name that leads out of the folder; such a name is
 * refused.
 */
async function writeWithin(folder: string, name: string, content: Buffer): Promise<void> {
  const path = join(folder, name)
  if (!path.startsWith(folder + sep))
    throw new UsageError(
      `${name} leads out of the folder of the site: delete it from the store first.`
    )
  makeDirectory(dirname(path))
  await writeFile(path, content)
}
