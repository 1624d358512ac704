import { Agent, request, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** One thing to ask a server on this machine for, and what it must answer. */
export interface Target {
  port: number
  /** The Host header, without port. */
  host: string
  path: string
  /** Sent with every request, such as a cookie. */
  headers?: Readonly<Record<string, string>>
  /** Sent by POST, in bytes; without it GET is asked. */
  upload?: number
  body: Buffer
}

/** A response, read to its end. */
export interface HttpResponse {
  status: number
  /** Name, value, name, value, … as they came. */
  headers: readonly string[]
  body: Buffer
}

/** The Content-Type of an upload. */
export const UPLOAD_TYPE = 'application/octet-stream'

/** How long a response may take, in milliseconds. */
const PATIENCE = 10_000

/** One connection that is kept and, when the server closes it, opened again. Close it in the end. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

/** Sends one request; rejects when there is no whole response within ten seconds. */
export async function ask(target: Omit<Target, 'body'>, agent?: Agent): Promise<HttpResponse> {
  const response = await send(target, agent)
  const { statusCode = 0, rawHeaders: headers } = response
  return { status: statusCode, headers, body: await buffer(response) }
}

/** The same, when the head of the response is there. The body has to be read, or resumed. */
export async function send(
  { port, host, path, headers: more, upload }: Omit<Target, 'body'>,
  agent: Agent | false = false
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      method: upload === undefined ? 'GET' : 'POST',
      headers: { host, ...more, ...(upload === undefined ? {} : { 'content-type': UPLOAD_TYPE }) },
      agent,
      timeout: PATIENCE
    })
    asked.on('response', resolve).on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('no response in time')))
    asked.end(upload === undefined ? undefined : Buffer.alloc(upload, 'x'))
  })
}

/**
 * Asks once and compares.
 *
 * @throws Error when the response is not 200 with exactly the body
 */
export async function verify(name: string, target: Target): Promise<HttpResponse> {
  const response = await ask(target)
  const { status, body } = response
  if (status !== 200)
    throw new Error(`${name} responds with ${status}: ${body.toString().slice(0, 500)}`)
  if (!body.equals(target.body)) throw new Error(`${name} sends another body than expected`)
  return response
}
