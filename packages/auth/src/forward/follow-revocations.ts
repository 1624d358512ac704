import type { Store } from '@reliw/model'
import { guarded } from '@reliw/options'
import * as z from 'zod'
import type { DecisionCache } from './decision-cache.ts'

/** A message on the channel `CTL`: cached responses of forward-auth are to be forgotten. Other fields are ignored. */
const Message = z.object({
  forget_forward_auth: z.object({
    host: z.string().optional(),
    user: z.string().optional()
  })
})

/**
 * Forgets cached decisions as the command line says, on the channel `CTL`; and all of them when the store becomes
 * available again, since messages may have been missed. Returns a function that ends this.
 */
export function followRevocations(
  store: Pick<Store, 'driver' | 'keys' | 'watch'>,
  cache: DecisionCache
): () => void {
  const { driver, keys } = store
  const forgetAll = (): void => cache.forget({})
  const onMessage = guarded((text: string) => {
    const { data } = Message.safeParse(parse(text))
    if (data !== undefined) cache.forget(data.forget_forward_auth)
  }, forgetAll)
  const stopWatching = store.watch(keys.settings(''), (changed) => {
    if (changed === undefined) forgetAll()
  })
  const stopped = driver.subscribe(keys.channel('CTL'), onMessage).catch(() => undefined)
  return () => {
    stopWatching()
    void stopped.then((stop) => stop?.()).catch(() => undefined)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
