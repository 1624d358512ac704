import type { Entry, Reader, Store } from '@reliw/model'
import type { Disk, FoundFile } from '../files/disk.ts'
import type { Encoding } from '../http/accept.ts'
import { mediaType } from '../rendering/media-type.ts'
import type { Bodies, CachedContent } from './bodies.ts'
import type { Body } from './body.ts'
import type { Lookup } from './locator.ts'
import type { PageRenderer } from './page-renderer.ts'
import { findPrecompressed } from './precompressed.ts'
import { describe, describeLarge } from './representation.ts'
import {
  allowHeader,
  type ContentResolution,
  type LargeFile,
  type Refusal,
  type Representation
} from './resolution.ts'

export interface ContentLoaderParts {
  store: Store
  disk: Disk
  bodies: Bodies
  pageRenderer: PageRenderer
  /** Files above this size, in bytes, are not cached. */
  maxCachedSize: number
  /** Whether compressed files beside a file on disk are sent instead of it. */
  usesPrecompressed: boolean
}

/** Memory of a cached result without its content, in bytes. */
const RESOLUTION_BYTES = 1500
/** Maximum number of times that a file is read while it is being written. */
const MAX_ATTEMPTS = 3

/** Loads stored values and files as content with its representations. */
export class ContentLoader {
  readonly #parts: ContentLoaderParts

  constructor(parts: ContentLoaderParts) {
    this.#parts = parts
  }

  /** Loads what `locate` finds; returns the absence when it finds nothing. */
  async load(
    host: string,
    entry: Entry,
    locate: () => Promise<Lookup>,
    reader: Reader
  ): Promise<ContentResolution | Refusal | 'missing' | 'directory'> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await locate()
      if (found === 'unreadable') return refuse(500, 'the file cannot be read', entry)
      if (typeof found === 'string') return found
      if ('content' in found) return this.#present(host, found.name, entry, found.content, reader)
      const { file, name } = found
      if (file.size > this.#parts.maxCachedSize) return this.#large(entry, file, reader)
      const content = await this.#parts.bodies.file(file, reader)
      if (content !== undefined) return this.#present(host, name, entry, content, reader, file)
    }
    reader.doubt()
    return refuse(500, 'the file changes faster than it can be read', entry)
  }

  async #present(
    host: string,
    name: string,
    entry: Entry,
    content: CachedContent,
    reader: Reader,
    file?: FoundFile
  ): Promise<ContentResolution | Refusal> {
    reader.weigh(RESOLUTION_BYTES)
    const { body, type, modified } = content
    if (type.startsWith('application/lua'))
      return refuse(501, 'Lua pages are not available yet', entry)
    const allow = allowHeader(entry)
    if (!this.#parts.pageRenderer.isSource(type)) {
      const coded = file && (await this.#precompressed(entry, type, file, reader))
      const representation = describe(body, { entry, type, lastModified: modified, ...coded })
      return { kind: 'content', responseKind: 'file', entry, allow, representation }
    }
    const vary = 'Accept'
    const rendered = await this.#parts.pageRenderer.render(host, name, entry, content, reader)
    const representation = describe(rendered, { entry, type: 'text/html; charset=utf-8', vary })
    const source = describe(body, { entry, type, vary, lastModified: modified })
    return { kind: 'content', responseKind: 'page', entry, allow, representation, source }
  }

  async #large(
    entry: Entry,
    file: FoundFile,
    reader: Reader
  ): Promise<ContentResolution | Refusal> {
    reader.weigh(RESOLUTION_BYTES)
    const type = mediaType(file.segments.at(-1) ?? '')
    if (type.startsWith('application/lua'))
      return refuse(501, 'Lua pages are not available yet', entry)
    const body = this.#describeLarge(file, reader)
    const coded = await this.#precompressed(entry, type, file, reader)
    const representation = describe(body, { entry, type, lastModified: file.modified, ...coded })
    const allow = allowHeader(entry)
    return { kind: 'content', responseKind: 'file', entry, allow, representation }
  }

  /** The representations of compressed files beside a file, as a trait of its own representation. */
  async #precompressed(
    entry: Entry,
    type: string,
    original: FoundFile,
    reader: Reader
  ): Promise<{ precompressed?: ReadonlyMap<Encoding, Representation> }> {
    const { disk, usesPrecompressed } = this.#parts
    if (!usesPrecompressed) return {}
    const found = new Map<Encoding, Representation>()
    for (const { encoding, file } of await findPrecompressed(disk, original, reader)) {
      const body = await this.#bodyOf(file, reader)
      if (body === undefined) continue
      reader.weigh(RESOLUTION_BYTES)
      const traits = { entry, type, encoding, lastModified: file.modified }
      found.set(encoding, describe(body, traits))
    }
    return found.size === 0 ? {} : { precompressed: found }
  }

  /** Undefined when the file changes while it is read. */
  async #bodyOf(file: FoundFile, reader: Reader): Promise<Body | LargeFile | undefined> {
    if (file.size > this.#parts.maxCachedSize) return this.#describeLarge(file, reader)
    const content = await this.#parts.bodies.file(file, reader)
    if (content === undefined) reader.doubt()
    return content?.body
  }

  #describeLarge(file: FoundFile, reader: Reader): LargeFile {
    this.#parts.store.dependOn(reader, file.identity)
    return describeLarge(file)
  }
}

/** A refusal, with the entry that it is about. */
export function refuse(status: 404 | 500 | 501, reason: string, entry?: Entry): Refusal {
  return entry === undefined
    ? { kind: 'refusal', status, reason }
    : { kind: 'refusal', status, reason, entry }
}
