import { Gauge, Registry } from '@prometheus-io/client'

/** A registry with the family `large`, of so many series, each of which is more than 100 bytes. */
export function largeRegistry(count: number): Registry {
  const registry = new Registry()
  const gauge = new Gauge({
    name: 'large',
    help: 'Large.',
    labelNames: ['n'],
    registers: [registry]
  })
  for (let n = 0; n < count; n++) gauge.set({ n: `${n}`.padStart(100, '.') }, n)
  return registry
}
