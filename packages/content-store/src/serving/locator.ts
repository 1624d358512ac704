import { fromByteString, toByteString } from '@reliw/lua-pattern'
import type { Entry, Reader } from '@reliw/model'
import type { Disk, FoundFile } from '../files/disk.ts'
import type { Bodies, CachedContent } from './bodies.ts'
import { bounded } from './bounded.ts'

/** Longest file name, in bytes (PATH_MAX of Linux). */
const MAX_NAME = 4096

/** The requested host and path, and the id and key of the entry that they lead to. */
export interface Target {
  readonly host: string
  readonly path: string
  readonly id: string
  readonly key: string
  /** Whether files must have names in the Unicode form of the path. */
  readonly isExact: boolean
}

/** A stored value or a file with its name. */
export type Found = { name: string } & ({ content: CachedContent } | { file: FoundFile })
export type Lookup = Found | 'missing' | 'directory' | 'unreadable'

/** Finds the stored value or the file that an entry has for a path. */
export class Locator {
  readonly #bodies: Bodies
  readonly #disk: Disk

  constructor(bodies: Bodies, disk: Disk) {
    this.#bodies = bodies
    this.#disk = disk
  }

  /** The first name that leads to content: the entry's own names, then with an extension, then by gsub. */
  async locate(
    { host, path, key, isExact }: Target,
    entry: Entry,
    reader: Reader
  ): Promise<Lookup> {
    const { file, gsub } = entry
    let first: 'missing' | 'directory' = 'missing'
    for (const extension of ['', ...entry.try_extensions]) {
      for (const name of namesOf(path, entry)) {
        const found = await this.lookUp(host, name + extension, reader, isExact)
        if (found !== 'missing' && found !== 'directory') return found
        if (extension === '' && found === 'directory') first = found
      }
    }
    if (gsub === undefined || file !== undefined) return first
    const replace = () => gsub.pattern.gsub(toByteString(path), gsub.replacement)
    const { result } = bounded(key, replace)
    // No file has a longer name. security: the name would be cached, so an attacker could fill memory with names.
    if (result.length > MAX_NAME) return first
    const mapped = await this.lookUp(host, fromByteString(result), reader, isExact)
    return mapped === 'missing' ? first : mapped
  }

  /** What one name leads to: a stored value, else a file. */
  async lookUp(host: string, name: string, reader: Reader, isExact = false): Promise<Lookup> {
    const names = name.startsWith('/') ? [name] : [name, `/${name}`]
    const stored = await Promise.all(
      names.map(async (key) => this.#bodies.stored(host, key, reader))
    )
    const content = stored.find((value) => value !== undefined)
    if (content !== undefined) return { name, content }
    const file = await this.#disk.find(host, name, reader, isExact)
    if (typeof file === 'string') {
      if (file === 'unreadable') reader.doubt()
      return file
    }
    await file.handle.close()
    return { name, file }
  }
}

function namesOf(path: string, { file, index }: Entry): readonly string[] {
  if (file !== undefined) return [file]
  return path.endsWith('/') && index !== undefined ? index.map((name) => path + name) : [path]
}
