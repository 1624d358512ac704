import type { IncomingMessage } from 'node:http'
import type { Caller } from '../caller.ts'
import { FormTooLarge } from '../errors.ts'

/** In bytes: enough for names, passwords and a path. */
const MAX_BYTES = 16 * 1024

/**
 * The fields of a form that a client sends (application/x-www-form-urlencoded); none if the body is not a form.
 *
 * @throws FormTooLarge past 16 KiB, without reading on; the connection then ends with the response
 */
export async function readForm({ request: { raw }, reply }: Caller): Promise<URLSearchParams> {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(
    raw.headers['content-type'] ?? ''
  )
  try {
    const body = await readBody(raw)
    return new URLSearchParams(isForm ? body.toString() : '')
  } catch (error) {
    reply.header('connection', 'close')
    throw error
  }
}

async function readBody(raw: IncomingMessage): Promise<Buffer> {
  if (Number(raw.headers['content-length'] ?? 0) > MAX_BYTES) throw new FormTooLarge()
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let length = 0
  raw.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MAX_BYTES) {
      raw.pause()
      reject(new FormTooLarge())
    } else chunks.push(chunk)
  })
  raw.on('end', () => resolve(Buffer.concat(chunks)))
  raw.on('error', () => resolve(Buffer.alloc(0)))
  // A client that leaves while it sends the form: nobody receives the response.
  raw.on('close', () => resolve(Buffer.alloc(0)))
  return promise
}
