import { type FSWatcher, statfsSync, watch } from 'node:fs'
import { join, sep } from 'node:path'
import { type Lookup, lookupsOf } from './lookups.ts'

/** Directories watched at most; files beyond are looked at for each request. */
const MAX_WATCHES = 50_000

/** File systems whose changes elsewhere the kernel does not tell of (statfs(2) `f_type`). */
const SILENT = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE
  0x01021997, // 9P
  0x5346414f, // AFS
  0x00c36400, // CEPH
  0x786f4256 // VirtualBox shared folders
])

/** What has to be watched of a name. */
export interface Cover {
  /** What to depend on; `undefined` when some directory on the way cannot be watched. */
  sources: string[] | undefined
  /** Whether a directory on the way is missing, and so the file. */
  isMissing: boolean
}

/** Where a root leads, for as long as nothing on the way there changes. */
interface Way {
  directories: Lookup[]
  real: string
  /** Stands for the whole way; `undefined` when some of it cannot be watched, or is missing. */
  source: string | undefined
}

/**
 * Tells when a file may have changed, appeared or gone, by watching every directory that its name leads
 * through. A change is announced by a source that `cover` gave for it: a path for what has that name, a path
 * that ends in a separator for all that is directly in that directory, or the way to a root.
 */
export class Watcher {
  readonly #changed: (source: string) => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #ways = new Map<string, Way>()
  readonly #steps = new Set<string>()

  constructor(changed: (source: string) => void) {
    this.#changed = changed
  }

  /**
   * Watches all that decides what a name below `root` is, and where `root` itself leads. To be called before
   * the file is looked at.
   */
  cover(root: string, segments: readonly string[]): Cover {
    const { directories, real, source } = this.#wayTo(root)
    const sources: string[] = source === undefined ? [] : [source]
    const lookups = source === undefined ? directories.slice() : []
    let directory = real
    for (const name of segments) {
      lookups.push({ directory, name })
      directory = join(directory, name)
    }
    for (const step of lookups) {
      const watched = this.#watch(step.directory)
      if (watched === 'impossible') return { sources: undefined, isMissing: false }
      if (watched === 'missing') return { sources, isMissing: true }
      sources.push(join(step.directory, step.name), step.directory + sep)
    }
    return { sources, isMissing: false }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #wayTo(root: string): Way {
    const known = this.#ways.get(root)
    if (known !== undefined) return known
    const { lookups: directories, real } = lookupsOf(root)
    const isWatched = directories.every(({ directory }) => this.#watch(directory) === 'watched')
    if (!isWatched) return { directories, real, source: undefined }
    const way = { directories, real, source: `way to ${root}` }
    this.#ways.set(root, way)
    for (const { directory, name } of directories) this.#steps.add(join(directory, name))
    return way
  }

  #watch(path: string): 'watched' | 'missing' | 'impossible' {
    if (this.#watchers.has(path)) return 'watched'
    if (this.#watchers.size >= MAX_WATCHES) return 'impossible'
    try {
      if (SILENT.has(statfsSync(path).type)) return 'impossible'
      const watcher = watch(path, { persistent: false }, (_, name) => this.#notice(path, name))
      watcher.on('error', () => this.#forget(path))
      this.#watchers.set(path, watcher)
      return 'watched'
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'impossible'
    }
  }

  /** Without a name the kernel lost count: anything in the directory may have changed. */
  #notice(directory: string, name: string | null): void {
    if (name === null) return this.#forget(directory)
    const path = join(directory, name)
    if (this.#watchers.has(path)) this.#forget(path)
    if (this.#steps.has(path)) this.#forgetWays()
    this.#changed(path)
  }

  /** A directory that was replaced is not the one that we watch; nor is what lay below it. */
  #forget(path: string): void {
    this.#forgetWays()
    for (const [directory, watcher] of this.#watchers) {
      if (directory !== path && !directory.startsWith(path + sep)) continue
      this.#watchers.delete(directory)
      watcher.close()
      this.#changed(directory + sep)
    }
  }

  #forgetWays(): void {
    const ways = [...this.#ways.values()]
    this.#ways.clear()
    this.#steps.clear()
    for (const { source } of ways) if (source !== undefined) this.#changed(source)
  }
}
