import { once } from 'node:events'
import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Server } from '../../harness/server.ts'
import { pattern } from './pattern.ts'
import { type Pace, readPattern } from './read-pattern.ts'

/** One long body through a proxy. */
export interface Transfer {
  name: string
  /** @throws Error when not exactly the bytes arrived, or not in time */
  run: (server: Server, host: string, length: number) => Promise<void>
}

/** How long one may take, in milliseconds. */
const PATIENCE = 120_000

export const TRANSFERS: readonly Transfer[] = [
  { name: 'down, slow client', run: down('slow') },
  { name: 'down, fast client', run: down('fast') },
  { name: 'up, slow origin', run: up }
]

function down(pace: Pace): Transfer['run'] {
  return async ({ port }, host, length) => {
    const asked = request(common(port, host)).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`the status is ${response.statusCode}`)
    complete(await readPattern(response, pace), length)
  }
}

async function up({ port }: Server, host: string, length: number): Promise<void> {
  const headers = { host, 'content-length': length }
  const asked = request({ ...common(port, host), method: 'PUT', headers })
  pipeline(Readable.from(pattern(length)), asked, () => {
    // What goes wrong is an error of the request, too, or is said in the response.
  })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const received = await text(response)
  if (response.statusCode !== 200)
    throw new Error(`the status is ${response.statusCode}: ${received}`)
  complete(Number(received), length)
}

function common(port: number, host: string): RequestOptions {
  const signal = AbortSignal.timeout(PATIENCE)
  return { host: '127.0.0.1', port, path: '/stream', headers: { host }, agent: false, signal }
}

function complete(found: number, length: number): void {
  if (found !== length) throw new Error(`${found} of ${length} bytes arrived`)
}
