import { type Entry, hasClientRules } from '@reliw/model'

/** Whether a request must be admitted to an entry before anything about the entry's content is told. */
export function isGuarded(entry: Entry): boolean {
  return entry.auth !== undefined || hasClientRules(entry)
}
