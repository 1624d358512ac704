import type { Store } from '@reliw/store'
import type { FastifyBaseLogger } from 'fastify'
import * as z from 'zod'

/** What the command line tells the servers on the channel `CTL`. */
const Message = z.object({
  audit: z.record(z.string(), z.union([z.string().max(1000), z.number()]))
})

/** Writes audit lines of what was done at the command line. Returns how to stop. */
export function followControl({ driver, keys }: Store, log: FastifyBaseLogger): () => void {
  const stopped = driver
    .subscribe(keys.channel('CTL'), (text) => {
      const message = Message.safeParse(parse(text))
      if (message.success) log.info({ audit: message.data.audit }, 'audit')
    })
    .catch(() => undefined)
  return () => void stopped.then((stop) => stop?.()).catch(() => undefined)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
