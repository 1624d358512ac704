import type { Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'
import * as z from 'zod'

/** Longest text, in characters; longer ones are cut. */
const MAX_TEXT = 1000

const Text = z.string().transform((text) => text.slice(0, MAX_TEXT))

/** A message from the command line to the servers on the channel `CTL`; unknown fields are dropped. */
const Message = z.object({
  audit: z.object({
    event: Text,
    host: Text.optional(),
    user: Text.optional(),
    key: Text.optional(),
    address: Text.optional(),
    reason: Text.optional(),
    for: z.number().optional(),
    by: Text.optional()
  })
})

/** Writes audit lines for changes made at the command line. Returns a function that ends this. */
export function followControl({ driver, keys }: Store, log: FastifyBaseLogger): () => void {
  const stopped = driver
    .subscribe(keys.channel('CTL'), (text) => {
      const message = Message.safeParse(parse(text))
      if (!message.success) return
      const { event, host: vhost, ...rest } = message.data.audit
      log.info({ audit: true, event, vhost, ...rest }, 'audit')
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
