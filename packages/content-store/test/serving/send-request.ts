import { type IncomingHttpHeaders, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RequestOptions {
  host?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface Response {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
}

/** One request on a connection of its own. The path is sent as it is; nothing is followed or decoded. */
export async function sendRequest(
  port: number,
  path: string,
  options: RequestOptions = {}
): Promise<Response> {
  const { host = 'localhost', method = 'GET', headers = {}, body } = options
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const all = { host, ...headers }
  const client = request({ port, path, method, headers: all, agent: false }, (response) => {
    buffer(response).then(
      (bytes) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          text: bytes.toString()
        }),
      reject
    )
  })
  client.on('error', reject)
  client.end(body)
  return promise
}
