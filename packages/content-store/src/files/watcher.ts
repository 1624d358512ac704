import { type FSWatcher, statfsSync, watch } from 'node:fs'
import { join, sep } from 'node:path'
import { guarded } from '@reliw/options'
import { lookupsOf } from './lookups.ts'

/** Maximum number of watched directories; files in further directories are checked at each request. */
const MAX_WATCHES = 50_000

/** File systems on which the kernel reports no changes made by other machines (statfs(2) `f_type`). */
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

/** As a name: everything in a directory. Changes of a file of that name are reported as well. */
export const ANY_NAME = '*'

/** The result of watching a name. */
export interface Cover {
  /** Sources to depend on; undefined when a directory on the path cannot be watched. */
  sources: string[] | undefined
  /** Whether a directory on the path is missing, and therefore the file. */
  isMissing: boolean
}

/** The directory that a root leads to; remembered until a name on the path to it changes. */
interface Root {
  real: string
  /** The source to depend on for the whole path. */
  source: string
  /** Whether a directory on the path is missing. */
  isMissing: boolean
}

/**
 * Reports that a file may have changed, appeared or gone, by watching every directory that its name leads through. A
 * change is reported by one of the sources that `cover` returned: a path for the file or directory of that name, a path
 * that ends in a separator for everything directly in that directory, or the source of a root.
 */
export class Watcher {
  readonly #changed: (source: string) => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #roots = new Map<string, Root>()
  readonly #steps = new Set<string>()

  constructor(changed: (source: string) => void) {
    this.#changed = changed
  }

  /**
   * Watches every directory that decides what a name below `root` refers to, and where `root` itself leads. Must be
   * called before the file is opened. With `ANY_NAME` as the last segment, every change in the directory is reported.
   */
  cover(root: string, segments: readonly string[]): Cover {
    const base = this.#watchRoot(root)
    if (base === undefined) return { sources: undefined, isMissing: false }
    const sources = [base.source]
    if (base.isMissing) return { sources, isMissing: true }
    let directory = base.real
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

  /** Undefined when a directory on the path cannot be watched. */
  #watchRoot(root: string): Root | undefined {
    const known = this.#roots.get(root)
    if (known !== undefined) return known
    const { lookups, real } = lookupsOf(root)
    const found = { real, source: `path to ${root}`, isMissing: false }
    const steps: string[] = []
    for (const { directory, name } of lookups) {
      const watched = this.#watch(directory)
      if (watched === 'impossible') return undefined
      found.isMissing = watched === 'missing'
      if (found.isMissing) break
      steps.push(join(directory, name))
    }
    this.#roots.set(root, found)
    for (const step of steps) this.#steps.add(step)
    return found
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

  /** Without a name the kernel has dropped events: anything in the directory may have changed. */
  #notice(directory: string, name: string | null): void {
    if (name === null) return this.#forget(directory)
    const path = join(directory, name)
    if (this.#watchers.has(path)) this.#forget(path)
    if (this.#steps.has(path)) this.#forgetRoots()
    this.#changed(path)
    this.#changed(join(directory, ANY_NAME))
  }

  /** The watchers of a replaced directory, and of all directories below it, still watch the old ones. */
  #forget(path: string): void {
    this.#forgetRoots()
    for (const [directory, watcher] of this.#watchers) {
      if (directory !== path && !directory.startsWith(path + sep)) continue
      this.#watchers.delete(directory)
      watcher.close()
      this.#changed(directory + sep)
    }
  }

  #forgetRoots(): void {
    const roots = [...this.#roots.values()]
    this.#roots.clear()
    this.#steps.clear()
    for (const { source } of roots) this.#changed(source)
  }
}
