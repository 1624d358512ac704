import type { Test } from 'tap'
import type { Origin } from '../origin.ts'
import type { ReceivedRequest } from '../received-request.ts'
import type { Seen } from './request-case.ts'

/** Names as many origins see them: anything that is no letter or digit is the same to them. */
const FRAMING = ['content-length', 'transfer-encoding']
const OF_CONNECTION =
  /^(connection|keep-alive|proxy-connection|proxy-auth.*|upgrade|http2-settings|expect|te)$/

/** Checks that an origin got these requests and no other, framed in one way that nobody can mistake. */
export async function checkSeen(
  t: Test,
  requests: readonly ReceivedRequest[],
  expected: readonly Seen[]
): Promise<void> {
  const sorted = byTarget(requests)
  t.strictSame(sorted.map(lineOf), byTarget(expected).map(lineOf), 'exactly these requests')
  for (const [at, seen] of byTarget(expected).entries()) {
    const request = sorted[at]
    if (request === undefined) return
    t.equal((await request.body).toString('latin1'), seen.body, 'the body')
    t.strictSame(request.trailers, seen.trailers, 'the trailers')
    for (const [name, value] of Object.entries(seen.headers))
      t.equal(request.header(name), value, name)
    checkHeaders(t, request, seen)
  }
}

/** Checks that every byte an origin got is a part of a request that it knows of. */
export function checkAccounts(t: Test, origin: Origin): void {
  const known = origin.connectionBytes.map((_, connection) =>
    origin.requests
      .filter((request) => request.connection === connection)
      .map(({ head, rawBody }) => head + rawBody.toString('latin1'))
      .join('')
  )
  const got = origin.connectionBytes.map((bytes) => bytes.toString('latin1'))
  t.equal(got.join('\n'), known.join('\n'), 'no byte beside the requests')
}

function checkHeaders(t: Test, request: ReceivedRequest, { framing, headers }: Seen): void {
  const names = request.headers.map(([name]) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-'))
  const frame = { none: [], length: ['content-length'], chunked: ['transfer-encoding'] }[framing]
  t.strictSame(
    names.filter((name) => FRAMING.includes(name)),
    frame,
    'one framing'
  )
  t.equal(names.filter((name) => name === 'host').length, 1, 'one host')
  const ofConnection = names.filter(
    (name) => OF_CONNECTION.test(name) && headers[name] === undefined
  )
  t.strictSame(ofConnection, [], 'no header of the connection')
}

/** Requests that follow one another on one connection go to the origin on several. */
function byTarget<T extends { target: string }>(list: readonly T[]): T[] {
  return list.toSorted((one, other) => (one.target < other.target ? -1 : 1))
}

function lineOf({ method, target }: { method: string; target: string }): string {
  return `${method} ${target}`
}
