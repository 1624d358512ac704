import { join } from 'node:path'
import type { Live, Reader, Store, View } from '@reliw/model'
import type { FoundFile } from '../files/disk.ts'
import { identityOf, isSameFile, type OpenFile, openWithin } from '../files/open-within.ts'
import { isCompressible } from '../rendering/compressible.ts'
import { mediaType } from '../rendering/media-type.ts'
import { Body } from './body.ts'

/** Cached content, independent of how it is served. */
export interface CachedContent {
  body: Body
  type: string
  /** The title that is stored with the content. */
  title: string | undefined
  /** Milliseconds since the epoch. */
  modified: number | undefined
}

export interface CompressionSettings {
  enabled: boolean
  min_size: number
  types: readonly string[]
}

/** Minimum age of a file to be cached by its times, in ms: a younger one may change without a change of its times. */
const CLOCK_TICK = 100

/** Content of files and of the store, cached once for all paths that lead to it. */
export class Bodies {
  readonly #store: Store
  readonly #compression: CompressionSettings
  readonly #maxCachedSize: number
  readonly #stored: View<CachedContent | undefined>
  readonly #files: View<CachedContent | undefined>

  /** @param maxCachedSize the largest file that is cached, in bytes */
  constructor(store: Store, compression: CompressionSettings, maxCachedSize: number) {
    this.#store = store
    this.#maxCachedSize = maxCachedSize
    this.#compression = compression
    this.#stored = store.view(async (key, reader) => this.#loadStored(key, reader))
    this.#files = store.view(async (key, reader) => this.#loadFile(key, reader))
  }

  /** The content of `FILES:<host>:<name>`; undefined when there is none, for which no cache entry is made here. */
  async stored(host: string, name: string, reader: Reader): Promise<CachedContent | undefined> {
    if (!(await this.#store.sites.hasFile(host, name, reader))) return undefined
    return this.#stored.get(`${host}\n${name}`, reader)
  }

  /** The content of a file on disk as it was found; undefined when the file has changed since. */
  file(found: FoundFile, reader: Reader): Live<CachedContent | undefined> {
    const { root, segments, identity } = found
    return this.#files.get(JSON.stringify([root, segments, identity]), reader)
  }

  async #loadStored(key: string, reader: Reader): Promise<CachedContent | undefined> {
    const [host = '', name = ''] = key.split('\n')
    const file = await this.#store.sites.file(host, name, reader)
    if (file === undefined) return undefined
    const type = file.mime ?? mediaType(name)
    return this.#makeContent(
      file.content,
      { type, title: file.title || undefined },
      undefined,
      reader
    )
  }

  async #loadFile(key: string, reader: Reader): Promise<CachedContent | undefined> {
    const [root, segments, identity] = JSON.parse(key) as [string, string[], string]
    const found = await openWithin(root, segments)
    if (typeof found === 'string') return undefined
    const { handle, modified, touched } = found
    try {
      if (!isSameFile(found.identity, identity) || found.size > this.#maxCachedSize)
        return undefined
      const bytes = await readWhole(found)
      if (bytes === undefined) return undefined
      // A file that is being appended to is served at the size it had when it was opened, and is not cached.
      if (found.identity !== identity || Date.now() - touched < CLOCK_TICK) reader.doubt()
      const type = mediaType(join(...segments))
      return this.#makeContent(bytes, { type, title: undefined }, modified, reader)
    } finally {
      await handle.close()
    }
  }

  #makeContent(
    bytes: Buffer,
    { type, title }: { type: string; title: string | undefined },
    modified: number | undefined,
    reader: Reader
  ): CachedContent {
    const body = new Body(bytes, this.isWorthCompressing(bytes, type))
    reader.weigh(body.weight)
    return { body, type, title, modified }
  }

  isWorthCompressing(bytes: Buffer, type: string): boolean {
    const { enabled, min_size: smallest, types } = this.#compression
    return enabled && bytes.length >= smallest && isCompressible(type, types)
  }
}

/**
 * The content at the size that the file had when it was opened; undefined when the file was truncated or overwritten
 * meanwhile.
 */
async function readWhole({ handle, size, identity }: OpenFile): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at)
    if (bytesRead === 0) return undefined
    at += bytesRead
  }
  const now = await handle.stat({ bigint: true })
  return now.size > size || identityOf(now) === identity ? bytes : undefined
}
