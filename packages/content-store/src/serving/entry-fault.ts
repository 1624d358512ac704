import type { Entry } from '@reliw/model'

interface EntryFault extends Error {
  /** The entry whose content the error is about. */
  readonly entry: Entry
}

/**
 * The error with the entry whose content it is about.
 *
 * security: the same error object may be raised for paths of several entries, and each entry decides which clients may
 * see the error. So each entry gets an object of its own, derived from the error. The field is not enumerable, because
 * logs must not show it: an entry can hold secrets.
 */
export function withEntry(error: Error, entry: Entry): EntryFault {
  return Object.create(error, { entry: { value: entry } }) as EntryFault
}

/** The entry whose content an error is about; undefined when the error came before an entry was found. */
export function entryOf(error: Error): Entry | undefined {
  return (error as Partial<EntryFault>).entry
}
