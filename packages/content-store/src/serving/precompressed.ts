import type { Reader } from '@reliw/model'
import type { Disk, FoundFile } from '../files/disk.ts'
import type { Encoding } from '../http/accept.ts'

const EXTENSIONS: Readonly<Record<Encoding, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' }

/** A compressed file beside another one. */
export interface Precompressed {
  encoding: Encoding
  file: FoundFile
}

/**
 * The compressed files beside a file, such as `app.js.br` beside `app.js`. A file that is older than the original is
 * left out: the original was changed and not compressed again. So is an empty one, which is no compressed file.
 */
export async function findPrecompressed(
  disk: Disk,
  original: FoundFile,
  reader: Reader
): Promise<Precompressed[]> {
  const name = original.segments.at(-1) ?? ''
  const all = Object.entries(EXTENSIONS) as [Encoding, string][]
  if (all.some(([, extension]) => name.endsWith(extension))) return []
  const found = await Promise.all(
    all.map(async ([encoding, extension]) => {
      const file = await disk.findBeside(original, extension, reader)
      await file?.handle.close()
      return { encoding, file }
    })
  )
  return found.filter(
    (one): one is Precompressed =>
      one.file !== undefined && one.file.size > 0 && one.file.modified >= original.modified
  )
}
