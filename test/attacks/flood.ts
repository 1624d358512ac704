import type { Socket } from 'node:net'
import { Attackers, get } from './attackers.ts'

/** The number of responses of a flood with each status; 0: no response. */
export type Statuses = ReadonlyMap<number, number>

const CONNECTIONS = 16
/** How many requests a connection sends at once; the responses are awaited before more are sent. */
const AT_ONCE = 32
const STATUS_LINE = /HTTP\/1\.1 (\d{3})/g
/** How much of a status line may have come without its end. */
const PART = 'HTTP/1.1 20'.length

/** Asks for many paths of one host, by a few connections that are kept, with little work on this side. */
export async function flood(
  port: number,
  host: string,
  paths: Iterable<string>
): Promise<Statuses> {
  const attackers = new Attackers(port)
  const responses = new Map<number, number>()
  const iterator = paths[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    let socket = await attackers.open()
    for (let heads = take(iterator, host); heads.length > 0; heads = take(iterator, host)) {
      if (socket.destroyed) socket = await attackers.open()
      const statuses = await ask(socket, heads)
      while (statuses.length < heads.length) statuses.push(0)
      for (const status of statuses) responses.set(status, (responses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, lane))
  attackers.leave()
  return responses
}

/** Describes responses without the expected status; those of an overloaded server (503, or a closed connection) are allowed. */
export function unexpected(responses: Statuses, status: number): string[] {
  const others = [...responses].filter(
    ([response]) => response !== status && response !== 503 && response !== 0
  )
  const found = others.map(([response, count]) => `${count} responses were ${response}`)
  if (!responses.has(status)) found.push(`no response was ${status}`)
  return found
}

function take(paths: Iterator<string>, host: string): string[] {
  const heads: string[] = []
  while (heads.length < AT_ONCE) {
    const next = paths.next()
    if (next.done === true) break
    heads.push(get(host, next.value))
  }
  return heads
}

/** Resolves to as many statuses as there are heads; fewer when the connection ends before. */
async function ask(socket: Socket, heads: readonly string[]): Promise<number[]> {
  const statuses: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  let text = ''
  const onData = (data: Buffer): void => {
    text += data.toString('latin1')
    for (const [, status] of text.matchAll(STATUS_LINE)) statuses.push(Number(status))
    // What was counted must not be counted again: a whole status line is longer than what is kept.
    text = text.slice(-PART)
    if (statuses.length >= heads.length) resolve()
  }
  const onClose = (): void => resolve()
  socket.on('data', onData).once('close', onClose)
  if (socket.destroyed) resolve()
  else socket.write(heads.join(''))
  await promise
  socket.off('data', onData).off('close', onClose)
  return statuses
}

/** Different paths, of the length that scanners use. */
export function* missingPaths(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    yield `/missing/${index.toString(36).padStart(8, '0')}/wp-content/plugins/${index}.php`
  }
}
