import { eventChannel } from './event-channel.ts'

/** `reliw.fault`: a guard caught an error. The event belongs to the process: a guard does not know its app. */
export interface FaultEvent {
  readonly error: unknown
}

/** The channel of all errors caught by guards, so that none goes unnoticed. */
export const faults = eventChannel<FaultEvent>('reliw.fault')

/**
 * Wraps a function that Node calls: a listener, or the callback of a timer or write. An error thrown by `call` goes
 * only to `onThrow`: uncaught, it would end the process and everything else under way.
 *
 * @param onThrow receives the error and the arguments of `call`; an error that it throws itself is dropped
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

/** Handles the rejection of a promise that is not awaited: the error goes to `onThrow`, as with {@link guarded}. */
export function guardPromise(promise: Promise<unknown>, onThrow: (error: unknown) => void): void {
  promise.catch((error: unknown) => contain(onThrow, error))
}

/** Wraps a function so that only its first call has an effect, for reporting an error once that may recur. */
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
 * Wraps the public methods of a class so that they never throw. For objects whose methods are called by Node, or by
 * callers that serve more than this object: an error ends the object, not its caller.
 *
 * @param onThrow ends the object; an error that it throws itself is dropped
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
 * Supports at most three parameters: rest parameters would allocate an array at each call.
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

/** Publishes an error that was caught where nothing can be ended for it. Never throws. */
export function reportFault(error: unknown): void {
  contain(() => undefined, error)
}

function contain(onThrow: (error: unknown) => void, error: unknown): void {
  try {
    if (faults.hasSubscribers) faults.publish({ error })
    onThrow(error)
  } catch {
    // There is no one left to report the error to.
  }
}
