import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fail, type TestContext } from '@reliw/testing'
import type { FastifyRequest } from 'fastify'

/** The host of all requests here. */
export const HOST = 'shop.test'
const MARK = 'x-fail'

/** Requests for which something throws. */
export const ours = { host: HOST, headers: [`${MARK}: 1`] }

/** All that is thrown into guards from now on, until the test ends. */
export function hearFaults(t: TestContext): unknown[] {
  const faults: unknown[] = []
  const onFault = (message: unknown): void =>
    void faults.push((message as { error: unknown }).error)
  subscribe('reliw.fault', onFault)
  t.teardown(() => unsubscribe('reliw.fault', onFault))
  return faults
}

/** Whether a request is one for which something throws. */
export function isOurs({ headers }: FastifyRequest): boolean {
  return headers[MARK] !== undefined
}

/** Has a property throw when it is set. */
export function failWhenSet(target: object, name: string): void {
  Object.defineProperty(target, name, { get: () => 0, set: fail })
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
