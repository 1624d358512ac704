import { setImmediate } from 'node:timers/promises'

/** Makes objects of which some live long enough for V8 to enlarge the space of young ones, until it is done. */
export async function churn(isDone: () => boolean): Promise<void> {
  const recent: unknown[][] = []
  while (!isDone()) {
    recent.push(Array.from({ length: 10_000 }, (_, at) => ({ at, more: [at] })))
    if (recent.length > 20) recent.splice(0, 10)
    await setImmediate()
  }
}
