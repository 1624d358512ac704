import { originForm } from '@reliw/http'
import { readTarget } from '@reliw/options'
import type { FastifyRequest } from 'fastify'

/** Methods that write to the resource in the Destination header (RFC 4918 9.8, 9.9). */
const WRITES_ELSEWHERE = new Set(['COPY', 'MOVE'])

/** The reading of a Destination that cannot be read: it matches no route. */
const NOWHERE: readonly string[] = ['']

/** The readings of the Destination of a COPY or MOVE; undefined for other methods, and without the header. */
export function destinationOf({ raw }: FastifyRequest): readonly string[] | undefined {
  const { destination, host, ':authority': authority } = raw.headers
  if (destination === undefined || !WRITES_ELSEWHERE.has(raw.method ?? '')) return undefined
  const headers = { host: host ?? String(authority ?? '') }
  return readTarget(originForm({ url: String(destination), headers })) ?? NOWHERE
}
