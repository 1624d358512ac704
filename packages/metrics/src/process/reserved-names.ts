import { catalog } from '../catalog.ts'
import { SHOWN } from './runtime.ts'

const OWN = Object.values(catalog).flatMap((part) => Object.values(part))
const RESERVED = new Set([...OWN.map(({ name }) => name), ...SHOWN].map(withoutSuffix))

/** Whether a name is taken: a duplicate would make the whole scrape unreadable. */
export function isReserved(name: string): boolean {
  return RESERVED.has(withoutSuffix(name))
}

/** Name of the family in OpenMetrics. */
function withoutSuffix(name: string): string {
  return name.replace(/_total$/, '')
}
