import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingHttpHeaders } from 'node:http'
import type { Workplace } from './run-cli.ts'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One request on a connection of its own. */
export async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {}
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const all = { host: 'a.example', ...headers }
  request({ port, path, headers: all, agent: false }, (response) => {
    text(response).then(
      (body) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
      reject
    )
  })
    .on('error', reject)
    .end()
  return promise
}

/** Puts a site into the store: every path is a file of its name. */
export async function addSite({ reliw }: Workplace, host = 'a.example'): Promise<void> {
  await reliw('set', `API:${host}:all`, '{"methods":{"GET":true},"index":"index.html"}')
  await reliw('set', `API:${host}`, '[[".*","all"]]')
}
