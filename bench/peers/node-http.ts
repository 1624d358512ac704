import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../harness/peer.ts'
import type { HttpResponse } from '../harness/target.ts'

/** What node:http adds by itself. */
const AUTOMATIC = new Set(['date', 'connection', 'keep-alive'])

/**
 * A bare node:http server that gives one response, headers and all, to whatever it is asked.
 *
 * @param form whether the body is held as bytes, as usual, or as text, which saves node:http a piece per write
 */
export function nodeHttp({ headers, body }: HttpResponse, form: 'buffer' | 'text'): Peer {
  return {
    name: form === 'text' ? 'node:http, text' : 'node:http',
    version: process.versions.node,
    prepare({ dir, port }) {
      const file = join(dir, 'response.json')
      const list = headers.flatMap((name, at) =>
        at % 2 === 0 && !AUTOMATIC.has(name.toLowerCase()) ? [name, headers[at + 1]] : []
      )
      writeFileSync(file, JSON.stringify({ headers: list, body: body.toString('latin1') }))
      const program = join(import.meta.dirname, '../programs/node-http.ts')
      return { command: [process.execPath, program, String(port), file, form] }
    }
  }
}
