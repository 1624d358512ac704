import { eventChannel } from './event-channel.ts'

/** `reliw.fault`: something was thrown into a guard. Of the process: a guard does not know what it belongs to. */
export interface FaultEvent {
  readonly error: unknown
}

/** Whatever ends for a fault, somebody has to hear of it. */
export const faults = eventChannel<FaultEvent>('reliw.fault')

/**
 * A function for node to call: a listener, a timer's or a write's callback. What `call` throws goes to `onThrow`
 * alone: thrown on, it would end the process, and with it all that others have under way.
 *
 * @param onThrow gets what was thrown, and what `call` got; what it throws itself is dropped
 */
export function guarded<A extends readonly unknown[]>(
  call: (...values: A) => void,
  onThrow: (error: unknown, ...values: A) => void
): (...values: A) => void {
  return (...values) => {
    try {
      call(...values)
    } catch (error) {
      contain((thrown) => onThrow(thrown, ...values), error)
    }
  }
}

/** For a promise that nobody waits for: what it rejects with goes to `onThrow`, as {@link guarded} does it. */
export function guardPromise(promise: Promise<unknown>, onThrow: (error: unknown) => void): void {
  promise.catch((error: unknown) => contain(onThrow, error))
}

/** For what may fail again and again, and is told once: the calls after the first do nothing. */
export function once<A extends readonly unknown[]>(
  call: (...values: A) => void
): (...values: A) => void {
  let isCalled = false
  return (...values) => {
    if (isCalled) return
    isCalled = true
    call(...values)
  }
}

/**
 * Has the public methods of a class never throw. For objects whose methods are called by node, or by others that
 * have more to do than to care for this object: what a method throws ends its object, not its caller.
 *
 * @param onThrow what it throws itself is dropped
 */
export function guardMethods<T extends object>(
  { prototype }: { readonly prototype: T },
  onThrow: (self: T, error: unknown) => void
): void {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(prototype))
  for (const [name, { value }] of properties as [string, { value?: unknown }][]) {
    if (name !== 'constructor' && typeof value === 'function') {
      Object.defineProperty(prototype, name, { value: guardedMethod(value as Method<T>, onThrow) })
    }
  }
}

type Method<T> = (this: T, ...args: unknown[]) => unknown

/**
 * Of three parameters at most: a list of them would be made at each call.
 *
 * @throws {TypeError} when the method has more
 */
function guardedMethod<T>(
  method: Method<T>,
  onThrow: (self: T, error: unknown) => void
): Method<T> {
  if (method.length > 3) throw new TypeError(`${method.name}: more than three parameters`)
  return function call(this: T, a: unknown, b: unknown, c: unknown): unknown {
    try {
      return method.call(this, a, b, c)
    } catch (error) {
      contain((thrown) => onThrow(this, thrown), error)
      return undefined
    }
  }
}

function contain(onThrow: (error: unknown) => void, error: unknown): void {
  try {
    if (faults.hasSubscribers) faults.publish({ error })
    onThrow(error)
  } catch {
    // Nobody is left who could do anything about it.
  }
}
