import { executionAsyncResource } from 'node:async_hooks'

let held: object | undefined

/**
 * Keeps `process.nextTick` fast for the life of the process. To be called once, before anything else is loaded.
 *
 * Node makes an object for each tick. When V8 collects all garbage while no tick is pending, as it does during the
 * start of a program that loads much code, it frees the hidden class of these objects with the last of them; the code
 * that makes them then sees a second class and goes to V8's runtime for good. A tick costs five times as much from
 * then on, and a request has six. One object that is held keeps the class.
 */
export function holdTickObject(): void {
  if (held !== undefined) return
  process.nextTick(() => {
    held = executionAsyncResource()
  })
}
