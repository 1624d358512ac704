import { readTarget } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { Prefix } from '../http/prefix.ts'

/** Paths in the site, where the app has the site below a prefix. */
export class SitePaths {
  readonly #prefix: Prefix

  constructor(prefix: Prefix) {
    this.#prefix = prefix
  }

  /** The request’s path in the site, or `*`; undefined where it has another prefix, or is no path. */
  pathOf({ facts }: FastifyRequest): string | undefined {
    const path = facts.strictPath
    if (path === undefined || path === '*' || this.#prefix.isEmpty) return path
    return this.#prefix.strip(path)
  }

  /** What programs may read a target as (`readTarget`); undefined where a reading does not lead into the site. */
  readingsOf({ raw }: FastifyRequest): readonly string[] | undefined {
    return this.within(readTarget(raw.url ?? ''))
  }

  /** Paths of the app as paths of the site; undefined where one does not lead into it. */
  within(paths: readonly string[] | undefined): readonly string[] | undefined {
    const stripped = paths?.map((path) => this.#prefix.strip(path))
    return stripped?.every((path) => path !== undefined) === true ? stripped : undefined
  }

  /** The path, or reference, in the app of one in the site. */
  add(path: string): string {
    return this.#prefix.add(path)
  }
}

/** The query of a request’s target with its `?`; '' without one. */
export function queryOf({ raw }: FastifyRequest): string {
  const url = raw.url ?? ''
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}
