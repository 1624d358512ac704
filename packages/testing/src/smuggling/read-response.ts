import type { RawClient } from '../raw-client.ts'

/** A final response as a client got it. */
export interface ReadResponse {
  readonly status: number
  /** Through the empty line. */
  readonly head: string
  readonly body: string
}

/**
 * Takes one response from a connection, past interim responses, by its own framing. Rejects when that is unclear, or when
 * the connection ends before.
 *
 * @param method of the request
 */
export async function readResponse(client: RawClient, method: string): Promise<ReadResponse> {
  for (;;) {
    const head = await client.read('\r\n\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
    if (status >= 100 && status <= 199 && status !== 101) continue
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
    return { status, head, body: hasBody ? await readBody(client, head) : '' }
  }
}

async function readBody(client: RawClient, head: string): Promise<string> {
  const lengths = [...head.matchAll(/^content-length: (\d+)\r$/gim)]
  const codings = [...head.matchAll(/^transfer-encoding: (.*)\r$/gim)]
  const [length] = lengths
  if (lengths.length + codings.length !== 1) throw new Error(`unclear framing: ${head}`)
  if (length !== undefined) return client.read(new RegExp(`^[^]{${length[1]}}`))
  let body = ''
  for (;;) {
    const size = Number.parseInt(await client.read('\r\n'), 16)
    const chunk = await client.read(new RegExp(`^[^]{${size}}\r\n`))
    if (size === 0) return body
    body += chunk.slice(0, -2)
  }
}
