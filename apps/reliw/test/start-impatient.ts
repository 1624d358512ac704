// A server that waits for nobody for long.

import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Origin, respond, startOrigin, tempDir, type TestContext } from '@reliw/testing'
import type { Config } from '../src/index.ts'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

/** More than the kernel takes of a response that nobody reads. */
const LARGE = 50_000_000
const TIMEOUTS = {
  request_header_timeout: '300ms',
  request_body_timeout: '300ms',
  send_timeout: '300ms'
}

export interface ImpatientServer extends ProtectedServer {
  upstream: Origin
}

/** Starts one with `/page`, `/large.bin`, a login page, and an upstream at `/api`. */
export async function startImpatient(
  t: TestContext,
  config: Config = {}
): Promise<ImpatientServer> {
  const upstream = await startOrigin(t, respond('of the origin'))
  const dir = tempDir(t)
  mkdirSync(join(dir, HOST))
  writeFileSync(join(dir, HOST, 'large.bin'), '')
  truncateSync(join(dir, HOST, 'large.bin'), LARGE)
  const methods = { GET: true, POST: true }
  const server = await startProtected(
    t,
    { page: { methods }, large: {}, api: { methods, proxy: { target: upstream.url } } },
    { [`FILES:${HOST}:/page`]: { content: 'a page' } },
    { data_dir: dir, ...TIMEOUTS, ...config }
  )
  return { ...server, upstream }
}

/** The first of a request whose body has 10,000 bytes. */
export function beginPost(path: string, body = ''): string {
  const fields = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 10000']
  return `POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${fields.join('\r\n')}\r\n\r\n${body}`
}

/** How many files and sockets this process has open. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
