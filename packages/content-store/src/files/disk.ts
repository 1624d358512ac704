import { join } from 'node:path'
import { ANY_HOST, type Reader } from '@reliw/model'
import { type OpenFile, openWithin } from './open-within.ts'
import { splitFileName } from './virtual-path.ts'
import { Watcher } from './watcher.ts'

export interface FoundFile extends OpenFile {
  /** Where it was found; with `segments` enough to open it again. */
  root: string
  segments: readonly string[]
}

/** What is known of a name: a file, a directory, one that we may not read, or nothing. */
export type Lookup = FoundFile | 'missing' | 'directory' | 'unreadable'

/** Files in `data_dir/<host>/`, else in `data_dir/__/`. */
export class Disk {
  readonly #dir: string
  readonly #watcher: Watcher
  readonly #dependOn: (reader: Reader, source: string) => void

  /**
   * @param dir `data_dir`
   * @param changed told when a file that something depends on may have changed
   */
  constructor(
    dir: string,
    changed: (source: string) => void,
    dependOn: (reader: Reader, source: string) => void
  ) {
    this.#dir = dir
    this.#watcher = new Watcher(changed)
    this.#dependOn = dependOn
  }

  /** Finds a file; what is made of the answer lasts until it would be another. The caller closes the file. */
  async find(host: string, name: string, reader: Reader): Promise<Lookup> {
    const segments = splitFileName(name)
    if (segments === undefined) return 'missing'
    const own = await this.#look(host, segments, reader)
    return own === 'missing' ? this.#look(ANY_HOST, segments, reader) : own
  }

  close(): void {
    this.#watcher.close()
  }

  async #look(owner: string, segments: readonly string[], reader: Reader): Promise<Lookup> {
    const root = join(this.#dir, owner)
    const { sources, isMissing } = this.#watcher.cover(root, segments)
    if (sources === undefined) reader.doubt()
    for (const source of sources ?? []) this.#dependOn(reader, source)
    if (isMissing) return 'missing'
    const found = await openWithin(root, segments)
    if (typeof found === 'string') return found
    if (!found.isPlain) reader.doubt()
    return { ...found, root, segments }
  }
}
