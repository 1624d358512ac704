// Every request to a provider goes through here: limited in time and size, over TLS, without redirects.

import type { FetchBody } from 'openid-client'

/** A request as openid-client and jose make it. */
export interface ProviderRequest {
  method: string
  headers: Record<string, string> | Headers
  /** Only forms are sent. */
  body?: FetchBody
}

/** Replaces the global `fetch` in openid-client and jose. */
export type ProviderFetch = (url: string, request: ProviderRequest) => Promise<Response>

/** The provider gave no usable response. The message is for the log, and does not contain the address. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable'
}

/** Maximum length of a response, in bytes. Metadata and key sets have some kilobytes. */
const MAX_RESPONSE = 1024 * 1024

/**
 * @param issuer plain http is allowed only if the issuer is an http URL itself, and only on loopback
 * @param timeoutMs of a request and its whole response, in milliseconds
 */
export function createProviderFetch(issuer: URL, timeoutMs: number): ProviderFetch {
  const allowHttp = isPlainLoopback(issuer)
  return async (url, request) => {
    const target = new URL(url)
    if (target.protocol !== 'https:' && !(allowHttp && isPlainLoopback(target))) {
      throw withCode('OIDC_NOT_HTTPS')
    }
    try {
      return await send(url, request, AbortSignal.timeout(timeoutMs))
    } catch (error) {
      throw explain(error)
    }
  }
}

/** Whether a URL is plain http on loopback. */
export function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}

async function send(url: string, request: ProviderRequest, signal: AbortSignal): Promise<Response> {
  const body = request.body instanceof URLSearchParams ? request.body : null
  const fields = new Headers(request.headers)
  // A kept-alive connection may close while a code is sent on it, and a code cannot be sent twice.
  fields.set('connection', 'close')
  const init = { method: request.method, headers: fields, body, signal }
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const { status, headers } = response
  if (status === 429 || status >= 500) {
    await response.body?.cancel()
    throw new ProviderUnavailable(`provider responded with ${status}`)
  }
  const content = await readAll(response)
  return new Response(content.length === 0 ? null : content, { status, headers })
}

async function readAll(response: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_RESPONSE) throw withCode('OIDC_RESPONSE_TOO_LARGE')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `fetch` reports network failures as a TypeError with a cause, and timeouts as a TimeoutError. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error.name === 'TimeoutError')
    return new ProviderUnavailable('provider did not respond in time')
  if (!(error instanceof TypeError)) return error
  const { code } = (error.cause ?? {}) as { code?: unknown }
  const why = typeof code === 'string' ? ` (${code})` : ''
  return new ProviderUnavailable(`provider cannot be reached${why}`)
}

function withCode(code: string): Error {
  return Object.assign(new Error('the request or response is not allowed'), { code })
}
