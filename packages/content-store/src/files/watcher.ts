import { type FSWatcher, statfsSync, watch } from 'node:fs'
import { join, sep } from 'node:path'
import { guarded } from '@reliw/options'
import { lookupsOf } from './lookups.ts'

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
  real: string
  /** What to depend on for the whole way. */
  source: string
  /** Whether a directory on the way is missing. */
  isMissing: boolean
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
    const way = this.#wayTo(root)
    if (way === undefined) return { sources: undefined, isMissing: false }
    const sources = [way.source]
    if (way.isMissing) return { sources, isMissing: true }
    let directory = way.real
    for (const name of segments) {
      const watched = this.#watch(directory)
      if (watched === 'impossible') return { sources: undefined, isMissing: false }
      if (watched === 'missing') return { sources, isMissing: true }
      const path = join(directory, name)
      sources.push(path, directory + sep)
      directory = path
    }
    return { sources, isMissing: false }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** `undefined` when some directory on the way cannot be watched. */
  #wayTo(root: string): Way | undefined {
    const known = this.#ways.get(root)
    if (known !== undefined) return known
    const { lookups, real } = lookupsOf(root)
    const way = { real, source: `way to ${root}`, isMissing: false }
    const steps: string[] = []
    for (const { directory, name } of lookups) {
      const watched = this.#watch(directory)
      if (watched === 'impossible') return undefined
      way.isMissing = watched === 'missing'
      if (way.isMissing) break
      steps.push(join(directory, name))
    }
    this.#ways.set(root, way)
    for (const step of steps) this.#steps.add(step)
    return way
  }

  #watch(path: string): 'watched' | 'missing' | 'impossible' {
    if (this.#watchers.has(path)) return 'watched'
    if (this.#watchers.size >= MAX_WATCHES) return 'impossible'
    try {
      if (SILENT.has(statfsSync(path).type)) return 'impossible'
      const watcher = watch(
        path,
        { persistent: false },
        guarded(
          (_: unknown, name: string | null) => this.#notice(path, name),
          () => this.#forget(path)
        )
      )
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
    for (const { source } of ways) this.#changed(source)
  }
}
