import { join } from 'node:path'
import { ANY_HOST, type Reader } from '@reliw/model'
import { directoryOf } from '@reliw/options'
import { type OpenFile, openWithin } from './open-within.ts'
import { splitFileName } from './virtual-path.ts'
import { Watcher } from './watcher.ts'

export interface FoundFile extends OpenFile {
  /** The directory below which the file was found; `root` and `segments` are enough to open it again. */
  root: string
  segments: readonly string[]
}

/** The result of looking up a name: a file, nothing, a directory, or a file that the server may not read. */
export type Lookup = FoundFile | 'missing' | 'directory' | 'unreadable'

/** Files in `data_dir/<site>/`, else in `data_dir/__/`; those of `*.example.org` in `data_dir/_.example.org/`. */
export class Disk {
  readonly #dir: string
  readonly #watcher: Watcher
  readonly #dependOn: (reader: Reader, source: string) => void

  /**
   * @param dir `data_dir`
   * @param changed called when a file that a cached value depends on may have changed
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

  /**
   * Finds a file, and makes the reader's value depend on the result: the value is invalidated when the result may have
   * changed. The caller closes the file.
   */
  async find(host: string, name: string, reader: Reader): Promise<Lookup> {
    const segments = splitFileName(name)
    if (segments === undefined) return 'missing'
    const own = await this.#lookUp(host, segments, reader)
    return own === 'missing' ? this.#lookUp(ANY_HOST, segments, reader) : own
  }

  close(): void {
    this.#watcher.close()
  }

  async #lookUp(owner: string, segments: readonly string[], reader: Reader): Promise<Lookup> {
    const root = join(this.#dir, directoryOf(owner))
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
