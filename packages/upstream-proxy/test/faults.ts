import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TestContext } from '@reliw/testing'

/** All that is thrown into guards from now on, until the test ends. */
export function hearFaults(t: TestContext): unknown[] {
  const faults: unknown[] = []
  const onFault = (message: unknown): void =>
    void faults.push((message as { error: unknown }).error)
  subscribe('reliw.fault', onFault)
  t.teardown(() => unsubscribe('reliw.fault', onFault))
  return faults
}

export function fail(): never {
  throw new Error('thrown on purpose')
}

/** Has a method throw at one call: the first for which `isDue` holds. */
export function failOnce(
  t: TestContext,
  target: object,
  name: string,
  isDue: (stack: string, ...values: unknown[]) => boolean = () => true
): void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  const before = Reflect.get(target, name) as (...values: unknown[]) => unknown
  const restore = (): void => {
    if (own === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, own)
  }
  t.teardown(restore)
  const value = function call(this: unknown, ...values: unknown[]): unknown {
    if (!isDue(new Error('where').stack ?? '', ...values)) return before.apply(this, values)
    restore()
    return fail()
  }
  Object.defineProperty(target, name, { configurable: true, writable: true, value })
}
