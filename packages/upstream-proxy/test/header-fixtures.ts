import type { OriginContext, ReceivedRequest } from '../src/headers/received-request.ts'

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** A browser's request to www.example.com by TLS; 203.0.113.7 is the peer, and not trusted. */
export function requestOf(
  rawHeaders: readonly string[],
  changes: Partial<ReceivedRequest> = {}
): ReceivedRequest {
  return {
    rawHeaders,
    httpVersion: '1.1',
    publicHost: 'www.example.com',
    isSecure: true,
    clientOrigin: undefined,
    clientIp: '203.0.113.7',
    peerIp: '203.0.113.7',
    isTrusted: false,
    requestId: 'id-1',
    identity: undefined,
    withheld: undefined,
    traceparent: undefined,
    ...changes
  }
}

/** An origin at http://app.internal:3000. */
export function contextOf(
  upstream: Partial<OriginContext['upstream']> = {},
  target: Partial<OriginContext['target']> = {}
): OriginContext {
  return {
    target: {
      scheme: 'http',
      host: 'app.internal',
      port: 3000,
      weight: 1,
      authority: 'app.internal:3000',
      ...target
    },
    upstream: { preserve_host: false, ...upstream },
    pseudonym: 'reliw-3f9a2c',
    newTraceparent: () => TRACEPARENT
  }
}

/** The values of the headers of this name, in any case. */
export function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name)
}
