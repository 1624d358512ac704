import { type Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { describeIssues, normalizeSiteName } from '@reliw/options'
import { describeSystemError } from '../describe-system-error.ts'
import { type Site, SiteDocument } from '../operations/site/site-document.ts'
import { UsageError } from '../report-failure.ts'

/** File name of a site's document in its folder. */
export const DOCUMENT = 'site.json'

/**
 * Finds documents: the path itself, the document in the folder, or the documents in its subfolders.
 *
 * @throws UsageError when there is none
 */
export async function findSites(path: string): Promise<string[]> {
  const at = resolve(path)
  const stats = await stat(at).catch((error: unknown) => {
    throw new UsageError(`Cannot read ${path}: ${describeSystemError(error)}`)
  })
  if (stats.isFile()) return [at]
  const entries = await readdir(at, { withFileTypes: true })
  if (entries.some(({ name }) => name === DOCUMENT)) return [join(at, DOCUMENT)]
  const found = await Promise.all(entries.filter((entry) => entry.isDirectory()).map(documentIn))
  const documents = found.filter((document) => document !== undefined).toSorted()
  if (documents.length === 0)
    throw new UsageError(`There is no ${DOCUMENT} in ${path} or its subfolders.`)
  return documents
}

/**
 * Reads a document and the folders files/ and data/ beside it.
 *
 * @throws UsageError with all validation issues of the document, one per line
 */
export async function readSite(document: string): Promise<Site> {
  const result = SiteDocument.safeParse(parse(await readFile(document, 'utf8'), document))
  if (!result.success) {
    throw new UsageError(
      describeIssues(SiteDocument, result.error)
        .map((line) => `${document}: ${line}`)
        .join('\n')
    )
  }
  const folder = dirname(document)
  const { host = normalizeSiteName(basename(folder)), ...site } = result.data
  if (host === undefined) {
    throw new UsageError(
      `${document}: host: required, because the name of the folder is not a valid host`
    )
  }
  const [files, data] = await Promise.all([
    readFolder(join(folder, 'files'), '/'),
    readFolder(join(folder, 'data'), '')
  ])
  return { ...site, host, files: { ...site.files, ...files }, data: { ...site.data, ...data } }
}

async function documentIn({ parentPath, name }: Dirent): Promise<string | undefined> {
  const document = join(parentPath, name, DOCUMENT)
  return (await stat(document).catch(() => undefined))?.isFile() ? document : undefined
}

function parse(text: string, document: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${document}: invalid JSON: ${(error as Error).message}`)
  }
}

/**
 * Reads all regular files below a folder. Names that begin with a dot, other than `.well-known`, are never served and
 * are left out.
 */
async function readFolder(folder: string, prefix: string): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const isHidden = entry.name.startsWith('.') && entry.name !== '.well-known'
    if (isHidden) continue
    const path = join(folder, entry.name)
    if (entry.isFile()) found[prefix + entry.name] = await readFile(path)
    if (entry.isDirectory()) Object.assign(found, await readFolder(path, `${prefix}${entry.name}/`))
  }
  return found
}
