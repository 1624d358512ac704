import type { FastifyReply } from 'fastify'

/**
 * Sets the headers of a reply that Fastify is going to send; several values of a name become a list.
 *
 * @param headers name, value, name, value, …
 */
export function setHeaders(reply: FastifyReply, headers: readonly string[]): void {
  const byName = new Map<string, string[]>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase()
    const values = byName.get(name)
    if (values === undefined) byName.set(name, [headers[at + 1] ?? ''])
    else values.push(headers[at + 1] ?? '')
  }
  for (const [name, values] of byName) reply.header(name, values.length === 1 ? values[0] : values)
}
