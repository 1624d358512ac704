import { join } from 'node:path'
import { ANY_HOST, type Reader } from '@reliw/model'
import { directoryOf } from '@reliw/options'
import { type Directory, listWithin } from './list-within.ts'
import { type Absence, type OpenFile, openWithin } from './open-within.ts'
import { spellings } from './spellings.ts'
import { splitDirectoryPath, splitFileName } from './virtual-path.ts'
import { ANY_NAME, Watcher } from './watcher.ts'

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
   *
   * @param isExact whether the name must be in this Unicode form
   */
  async find(host: string, name: string, reader: Reader, isExact: boolean): Promise<Lookup> {
    const segments = splitFileName(name)
    if (segments === undefined) return 'missing'
    const forms = isExact ? [segments] : spellings(segments)
    return this.#search(host, forms, async (root, names) => this.#lookUp(root, names, reader))
  }

  /**
   * Finds the file beside another one whose name is longer by `extension`; undefined when there is none that can be
   * read. As `find` in all else.
   */
  async findBeside(
    { root, segments }: FoundFile,
    extension: string,
    reader: Reader
  ): Promise<FoundFile | undefined> {
    const names = [...segments.slice(0, -1), (segments.at(-1) ?? '') + extension]
    const found = await this.#lookUp(root, names, reader)
    return typeof found === 'string' ? undefined : found
  }

  /**
   * Lists a directory, whose path ends in `/`, in the host's folder, else in the shared one. The reader's value depends
   * on everything in the directory.
   */
  async list(host: string, path: string, reader: Reader): Promise<Directory | Absence> {
    const segments = splitDirectoryPath(path)
    if (segments === undefined) return 'missing'
    return this.#search(host, [segments], async (root, names) => this.#list(root, names, reader))
  }

  close(): void {
    this.#watcher.close()
  }

  /** The first result, in the host's folder and then in the shared one, for a name in several forms. */
  async #search<T>(
    host: string,
    forms: readonly (readonly string[])[],
    lookUp: (root: string, segments: readonly string[]) => Promise<T | 'missing'>
  ): Promise<T | 'missing'> {
    for (const owner of [host, ANY_HOST]) {
      const root = join(this.#dir, directoryOf(owner))
      for (const names of forms) {
        const found = await lookUp(root, names)
        if (found !== 'missing') return found
      }
    }
    return 'missing'
  }

  async #list(
    root: string,
    segments: readonly string[],
    reader: Reader
  ): Promise<Directory | Absence> {
    if (!this.#cover(root, [...segments, ANY_NAME], reader)) return 'missing'
    return listWithin(root, segments)
  }

  async #lookUp(root: string, segments: readonly string[], reader: Reader): Promise<Lookup> {
    if (!this.#cover(root, segments, reader)) return 'missing'
    const found = await openWithin(root, segments)
    if (typeof found === 'string') return found
    if (!found.isPlain) reader.doubt()
    return { ...found, root, segments }
  }

  /** Makes the reader's value depend on a name; returns false when a directory on its path is missing. */
  #cover(root: string, segments: readonly string[], reader: Reader): boolean {
    const { sources, isMissing } = this.#watcher.cover(root, segments)
    if (sources === undefined) reader.doubt()
    for (const source of sources ?? []) this.#dependOn(reader, source)
    return !isMissing
  }
}
