import type { Entry } from '@reliw/model'

interface EntryFault extends Error {
  /** The entry whose content the error is about. */
  readonly entry: Entry
}

/**
 * The error as one of an entry.
 *
 * security: each entry has its own, made from the error: paths of other entries may fail with the same one, and an
 * entry decides who may be told. No log shows the field: an entry can have secrets.
 */
export function withEntry(error: Error, entry: Entry): EntryFault {
  return Object.create(error, { entry: { value: entry } }) as EntryFault
}

/** The entry whose content an error is about; undefined where no entry was found before it. */
export function entryOf(error: Error): Entry | undefined {
  return (error as Partial<EntryFault>).entry
}
