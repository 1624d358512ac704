import {
  type AddressList,
  type AddressListSource,
  decodeFetched,
  decodeList,
  type FetchedList,
  type Keyspace,
  type Live,
  type Reader,
  type View
} from '@reliw/model'
import type { ViewOptions } from './live/view.ts'
import type { StoredValues } from './stored-values.ts'

interface Parts {
  keys: Keyspace
  view: <V>(load: ViewOptions<V>['load']) => View<V>
}

/** Reads lists of addresses, `LIST:<name>`, and what was fetched for them, `FETCHED:<name>`, through views. */
export class StoredLists {
  readonly #keys: Keyspace
  readonly #sources: View<AddressListSource | undefined>
  readonly #fetched: View<FetchedList | undefined>
  readonly #lists: View<AddressList | undefined>

  constructor({ keys, view }: Parts, values: StoredValues) {
    this.#keys = keys
    this.#sources = view(async (key, reader) => values.value(key, decodeList, reader))
    this.#fetched = view(async (key, reader) => values.value(key, decodeFetched, reader))
    this.#lists = view(async (name, reader) => this.#combined(name, reader))
  }

  list(name: string, reader?: Reader): Live<AddressList | undefined> {
    return this.#lists.get(name, reader)
  }

  source(name: string, reader?: Reader): Live<AddressListSource | undefined> {
    return this.#sources.get(this.#keys.list(name), reader)
  }

  fetched(name: string, reader?: Reader): Live<FetchedList | undefined> {
    return this.#fetched.get(this.#keys.fetched(name), reader)
  }

  async #combined(name: string, reader: Reader): Promise<AddressList | undefined> {
    const source = await this.source(name, reader)
    if (source === undefined) return undefined
    const { addresses: written, url, field } = source
    if (url === undefined) return { has: (ip) => written.has(ip), isComplete: true }
    const content = await this.fetched(name, reader)
    // security: what another URL had sent is not this list.
    const isItsOwn = content?.url === url && content.field === field
    const fetched = isItsOwn ? content.addresses : undefined
    return {
      has: (ip) => written.has(ip) || fetched?.has(ip) === true,
      isComplete: fetched !== undefined
    }
  }
}
