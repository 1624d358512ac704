import { readTarget } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { Prefix } from '../http/prefix.ts'

/** Translates between paths of the app and paths of the site, which may lie below a prefix. */
export class SitePaths {
  readonly #prefix: Prefix

  constructor(prefix: Prefix) {
    this.#prefix = prefix
  }

  /** The request’s path in the site, or `*`; undefined for a path outside the prefix, and for an invalid path. */
  pathOf({ facts }: FastifyRequest): string | undefined {
    const path = facts.strictPath
    if (path === undefined || path === '*' || this.#prefix.isEmpty) return path
    return this.#prefix.strip(path)
  }

  /**
   * The readings of a target by different programs (`readTarget`), as paths of the site; undefined when one of them
   * leads out of the site.
   */
  readingsOf({ raw }: FastifyRequest): readonly string[] | undefined {
    return this.within(readTarget(raw.url ?? ''))
  }

  /** Paths of the app as paths of the site; undefined when one of them lies outside. */
  within(paths: readonly string[] | undefined): readonly string[] | undefined {
    const stripped = paths?.map((path) => this.#prefix.strip(path))
    return stripped?.every((path) => path !== undefined) === true ? stripped : undefined
  }

  /** The path, or reference, in the app for one in the site. */
  add(path: string): string {
    return this.#prefix.add(path)
  }
}

/** The query of a request’s target including `?`; '' without a query. */
export function queryOf({ raw }: FastifyRequest): string {
  const url = raw.url ?? ''
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}
