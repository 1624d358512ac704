import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { ForwardFailure } from './failure.ts'

/** The whole response of the auth server. */
export interface AuthResponse {
  readonly status: number
  /** Name, value, name, value, …; values are latin1, as Node reads them. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** The server closed a keep-alive connection just when it was used again, so it has not seen the request. */
export class StaleConnection extends Error {}

/** Maximum length of a body: 64 KiB, as a login page loads its images separately. */
const MAX_BODY = 65_536

/**
 * Sends a request without a body, and reads the response. Redirects are not followed.
 *
 * Rejects with a ForwardFailure if the response is unusable, with StaleConnection if the request should be sent once
 * more, with Node's error if there is no response or it is not HTTP. The options limit the time and the size of the
 * head.
 */
export function exchange(options: RequestOptions): Promise<AuthResponse> {
  // All listeners are attached before anything is read: an error without a listener ends the process.
  return new Promise((resolve, reject) => {
    const request = (options.protocol === 'https:' ? httpsRequest : httpRequest)(options)
    // 0: all headers; by default Node silently drops those past 2,000.
    request.maxHeadersCount = 0
    let hasResponse = false
    request.on('response', (response) => {
      hasResponse = true
      collect(request, response, resolve, reject)
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new ForwardFailure('the auth server switched protocols'))
    })
    request.on('error', (error) => {
      const isStale = request.reusedSocket && !hasResponse && isReset(error)
      reject(isStale ? new StaleConnection('stale', { cause: error }) : error)
    })
    // Once there is a response, the request may close before the response ends.
    request.on('close', () => {
      if (!hasResponse) reject(new ForwardFailure('the auth server did not respond'))
    })
    request.end()
  })
}

function collect(
  request: ClientRequest,
  response: IncomingMessage,
  resolve: (response: AuthResponse) => void,
  reject: (error: Error) => void
): void {
  const { statusCode: status = 0, rawHeaders } = response
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= MAX_BODY) chunks.push(chunk)
    else
      request.destroy(
        new ForwardFailure(`the response of the auth server is longer than ${MAX_BODY} bytes`)
      )
  })
  response.on('error', reject)
  response.on('end', () => resolve({ status, rawHeaders, body: Buffer.concat(chunks) }))
  response.on('close', () =>
    reject(new ForwardFailure('the response of the auth server is incomplete'))
  )
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
