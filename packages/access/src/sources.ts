import type { AddressList, Live } from '@reliw/model'

/** What is looked up about a client's address. All look-ups are synchronous once their data is in memory. */
export interface ClientSources {
  /** The list of a name; undefined if there is none. Throws, or rejects, when it cannot be read. */
  list: (name: string) => Live<AddressList | undefined>
  country: Lookup<string>
  asn: Lookup<number>
}

/** Finds a fact about an address in a database. */
export interface Lookup<V> {
  /** Resolves once the database has been read, or could not be read; undefined if that has already happened. */
  readonly loading: Promise<void> | undefined
  /** Why nothing can be looked up; undefined if it can. */
  readonly issue: string | undefined
  /** The fact; undefined if the database has none for the address. */
  find: (ip: string) => V | undefined
}
