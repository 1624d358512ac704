import { type FSWatcher, statfsSync, watch } from 'node:fs'
import { join } from 'node:path'
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

interface WatchedDirectory {
  watcher: FSWatcher
  /** Names below it that somebody depends on. */
  names: Set<string>
}

/**
 * Tells when a file may have changed, appeared or gone, by watching every directory that its name leads
 * through. A change is announced by the source name that `cover` gave for it.
 */
export class Watcher {
  readonly #changed: (source: string) => void
  readonly #directories = new Map<string, WatchedDirectory>()

  constructor(changed: (source: string) => void) {
    this.#changed = changed
  }

  /**
   * Watches all that decides what a name below `root` is, and where `root` itself leads. To be called before
   * the file is looked at.
   *
   * @returns the sources to depend on, or `undefined` when some directory cannot be watched
   */
  cover(root: string, segments: readonly string[]): string[] | undefined {
    const { lookups, real } = lookupsOf(root)
    for (const [at, name] of segments.entries()) {
      lookups.push({ directory: join(real, ...segments.slice(0, at)), name })
    }
    const sources: string[] = []
    for (const { directory, name } of lookups) {
      const watched = this.#watch(directory)
      if (watched === 'impossible') return undefined
      if (watched === 'missing') break
      watched.names.add(name)
      sources.push(join(directory, name))
    }
    return sources
  }

  close(): void {
    for (const { watcher } of this.#directories.values()) watcher.close()
    this.#directories.clear()
  }

  #watch(path: string): WatchedDirectory | 'missing' | 'impossible' {
    const known = this.#directories.get(path)
    if (known !== undefined) return known
    if (this.#directories.size >= MAX_WATCHES) return 'impossible'
    try {
      if (SILENT.has(statfsSync(path).type)) return 'impossible'
      const watcher = watch(path, { persistent: false }, (_, name) => this.#notice(path, name))
      watcher.on('error', () => this.#forget(path))
      const watched = { watcher, names: new Set<string>() }
      this.#directories.set(path, watched)
      return watched
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'impossible'
    }
  }

  /** Without a name the kernel lost count: anything below may have changed. */
  #notice(directory: string, name: string | null): void {
    const watched = this.#directories.get(directory)
    if (watched === undefined) return
    const names = name === null ? [...watched.names] : watched.names.has(name) ? [name] : []
    for (const changed of names) {
      const path = join(directory, changed)
      this.#forget(path)
      this.#changed(path)
    }
  }

  /** A directory that was replaced is not the one that we watch; nor is what lay below it. */
  #forget(path: string): void {
    const watched = this.#directories.get(path)
    if (watched === undefined) return
    this.#directories.delete(path)
    watched.watcher.close()
    for (const name of watched.names) {
      const below = join(path, name)
      this.#forget(below)
      this.#changed(below)
    }
  }
}
