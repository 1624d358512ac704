/**
 * `node undici-dispatch.ts PORT ORIGIN`: forwards everything by undici's lowest interface straight to node:http's.
 * What a proxy has to do beside that, it does not: the measure of what the two libraries cost.
 */
import { createServer, type ServerResponse } from 'node:http'
import { type Dispatcher, Pool } from 'undici'

const [port, origin] = process.argv.slice(2)
const pool = new Pool(`http://127.0.0.1:${origin}`, { connections: 128 })

/** Of the connection: not handed on, in either direction. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

createServer((request, response) => {
  const { url = '/', method = 'GET', rawHeaders } = request
  const hasBody = method !== 'GET' && method !== 'HEAD'
  pool.dispatch(
    {
      path: url,
      method,
      headers: endToEnd(rawHeaders),
      body: hasBody ? request : null
    },
    handler(response)
  )
}).listen(Number(port), '127.0.0.1')

function handler(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.on('drain', () => controller.resume())
      response.on('close', () => {
        if (!response.writableFinished) controller.abort(new Error('the client is gone'))
      })
    },
    onResponseStart(controller, status) {
      // Head and first piece leave in one write.
      response.cork()
      process.nextTick(() => response.uncork())
      response.writeHead(status, endToEnd(controller.rawHeaders as Buffer[]))
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause()
    },
    onResponseEnd() {
      response.end()
    },
    onResponseError() {
      response.destroy()
    }
  }
}

function endToEnd(headers: readonly (string | Buffer)[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = String(headers[at])
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, String(headers[at + 1]))
  }
  return kept
}
