/**
 * A process of its own with metrics, which says over IPC what it holds, and holds more once it is released: see
 * scrapes.test.ts and descriptors.test.ts.
 */

import { HUNG_AFTER } from '@reliw/testing'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { openStore, type StoreOptions } from '@reliw/store'
import Fastify from 'fastify'
import { metrics } from '../src/index.ts'

const [, , options = '{}'] = process.argv
const store = await openStore(JSON.parse(options) as StoreOptions)
if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
const app = Fastify()
app.addHook('onClose', () => store.close())
await app.register(metrics, { port: 0, store, is_site: () => true, directories: { here: '/' } })
app.get('/', async () => 'served')
await app.listen({ port: 0, host: '127.0.0.1' })
const url = await app.metrics.listen()
const held: number[] = []

const commands: Record<string, () => unknown> = {
  holdings() {
    for (let n = 0; n < 3; n++) globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    return { heap: heapUsed, external, descriptors: readdirSync('/proc/self/fd').length }
  },
  /** Takes all descriptors that there are. */
  exhaust() {
    try {
      for (;;) held.push(openSync('/dev/null', 'r'))
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
  },
  release() {
    for (const descriptor of held.splice(0)) closeSync(descriptor)
  }
}

process.on('message', (name: string) => process.send?.({ response: commands[name]?.() }))
process.once('disconnect', () => process.exit())
process.send?.({ response: url })
