import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { formatFor } from '../exposition/format.ts'
import { render } from '../exposition/render.ts'
import type { Family } from '../family.ts'

/** Sends families in the negotiated format; the event loop turns between two chunks. */
export async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  families: readonly Family[]
): Promise<void> {
  const format = formatFor(request.headers.accept)
  response.writeHead(200, {
    'content-type': format.contentType,
    'cache-control': 'no-store',
    vary: 'accept'
  })
  if (request.method === 'HEAD') return void response.end()
  async function* pieces(): AsyncGenerator<string> {
    for (const piece of render(families, format)) {
      yield piece
      await setImmediate()
    }
  }
  // A client that disconnects early is not an error.
  await pipeline(Readable.from(pieces()), response).catch(() => undefined)
}
