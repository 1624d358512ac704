import { originForm } from '@reliw/http'
import { readTarget } from '@reliw/options'
import type { FastifyRequest } from 'fastify'

/** Methods that write to what Destination names (RFC 4918 9.8, 9.9). */
const WRITES_ELSEWHERE = new Set(['COPY', 'MOVE'])

/** None: it leads nowhere. */
const NOWHERE: readonly string[] = ['']

/** What the Destination of a COPY or MOVE may be read as; undefined where the request has none that counts. */
export function destinationOf({ raw }: FastifyRequest): readonly string[] | undefined {
  const { destination, host, ':authority': authority } = raw.headers
  if (destination === undefined || !WRITES_ELSEWHERE.has(raw.method ?? '')) return undefined
  const headers = { host: host ?? String(authority ?? '') }
  return readTarget(originForm({ url: String(destination), headers })) ?? NOWHERE
}
