import type { ForwardSettings } from '@reliw/model'
import type { Test } from 'tap'
import { startOrigin, type Responder, type Origin, type OriginOptions } from '@reliw/testing'
import {
  ForwardAuth,
  type ForwardRequest,
  type ForwardDecision
} from '../src/forward/forward-auth.ts'

/** What a site would say, but for what a test says, and with more time than any machine needs. */
export function settingsFor(url: string, changes: Partial<ForwardSettings> = {}): ForwardSettings {
  return {
    url,
    timeout: 20_000,
    user_header: 'Remote-User',
    groups_header: 'Remote-Groups',
    ...changes
  }
}

/** A client of `url`, closed with the test. */
export function forwardAuth(
  t: Test,
  url: string,
  changes: Partial<ForwardSettings> = {}
): ForwardAuth {
  const auth = new ForwardAuth(settingsFor(url, changes))
  t.teardown(() => auth.close())
  return auth
}

/** An auth server that answers with bytes, and a client of it. */
export async function startAuth(
  t: Test,
  response: Responder,
  changes: Partial<ForwardSettings> = {},
  options: OriginOptions = {}
): Promise<{ auth: ForwardAuth; server: Origin }> {
  const server = await startOrigin(t, response, options)
  return { auth: forwardAuth(t, `${server.url}/verify?rd=1`, changes), server }
}

/** A request, from a client that says of itself what a test says. */
export function requestFrom(
  rawHeaders: readonly string[] = [],
  changes: Partial<ForwardRequest> = {}
): ForwardRequest {
  return {
    method: 'POST',
    host: 'www.example.com:8443',
    url: '/private?x=1&y=a%20b',
    scheme: 'https',
    clientIp: '203.0.113.7',
    requestId: 'id-1',
    rawHeaders,
    ...changes
  }
}

/** Writes these bytes, latin1, as its response. */
export function sends(bytes: string): Responder {
  return (_request, connection) => void connection.write(bytes, 'latin1')
}

/** Writes an response with these header lines and an empty body. */
export function respondsWith(status: number, ...lines: readonly string[]): Responder {
  return sends(headOf(status, 'Content-Length: 0', ...lines))
}

/** Asks once, a server that sends these bytes. */
export async function decisionOf(t: Test, response: Responder): Promise<ForwardDecision> {
  const { auth } = await startAuth(t, response)
  return auth.authorize(requestFrom())
}

/** The head of an response, with its empty line. */
export function headOf(status: number, ...lines: readonly string[]): string {
  return `HTTP/1.1 ${status} Scripted\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}
