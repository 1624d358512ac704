import { executionAsyncResource } from 'node:async_hooks'

let held: object | undefined

/**
 * Keeps `process.nextTick` fast for the life of the process. Call it once, before anything else is loaded.
 *
 * Node creates an object for each tick. When V8 collects all garbage while no tick is pending, as it does while a
 * program that loads much code starts, it frees the hidden class of these objects together with the last of them; the
 * code that creates them then sees a second class and calls V8's runtime from then on. A tick then costs five times as
 * much, and a request has six. Holding one tick object keeps the class alive.
 */
export function holdTickObject(): void {
  if (held !== undefined) return
  process.nextTick(() => {
    held = executionAsyncResource()
  })
}
