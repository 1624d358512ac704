import type { Adapter, AdapterPayload } from 'oidc-provider'

/** All that providers of this process remember: as a database does, it outlives each of them. */
const remembered = new Map<string, AdapterPayload>()

/** What a provider remembers of one kind: sessions, codes, grants. Its own memory warns about itself. */
export class ProviderMemory implements Adapter {
  readonly #kind: string

  constructor(kind: string) {
    this.#kind = kind
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    remembered.set(this.#key(id), payload)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return remembered.get(this.#key(id))
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.uid === uid)
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.userCode === userCode)
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id)
    if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
  }

  async destroy(id: string): Promise<void> {
    remembered.delete(this.#key(id))
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of remembered) {
      if (payload.grantId === grantId) remembered.delete(key)
    }
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`
  }

  #findBy(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, payload] of remembered) {
      if (key.startsWith(`${this.#kind}:`) && matches(payload)) return payload
    }
    return undefined
  }
}
