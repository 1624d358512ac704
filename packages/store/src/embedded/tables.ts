import {
  type Count,
  type Counted,
  decodeBudget,
  encodeBudget,
  type Increment,
  type Operation,
  type Take,
  takeFrom,
  type Taken
} from '@reliw/model'
import { isNotCounter, wrongType } from '../errors.ts'
import { type Change, type Environment, HISTORY } from './environment.ts'

const GENERATION = 'generation'

/** Reads the tables and, inside a transaction, changes them; presents string and hash tables as one set of keys. */
export class Tables {
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  /** Whether the key has expired; it may still be in the tables. */
  isExpired(key: string): boolean {
    const at = this.#env.expiries.get(key)
    return at !== undefined && at <= Date.now()
  }

  get(key: string): Buffer | undefined {
    return isTooLong(key) || this.isExpired(key) ? undefined : this.#env.strings.get(key)
  }

  field(key: string, field: string): Buffer | undefined {
    return isTooLong(key, field) || this.isExpired(key)
      ? undefined
      : this.#env.hashes.get([key, field])
  }

  hash(key: string): Record<string, Buffer> | undefined {
    if (isTooLong(key) || this.isExpired(key)) return undefined
    const fields: Record<string, Buffer> = Object.create(null)
    let found = false
    for (const { key: name, value } of this.#env.hashes.getRange(fieldsOf(key))) {
      fields[name[1]] = value
      found = true
    }
    return found ? fields : undefined
  }

  type(key: string): 'string' | 'hash' | undefined {
    if (isTooLong(key) || this.isExpired(key)) return undefined
    if (this.#env.strings.doesExist(key)) return 'string'
    const [first] = this.#env.hashes.getKeys({ ...fieldsOf(key), limit: 1 })
    return first === undefined ? undefined : 'hash'
  }

  /**
   * Returns undefined for a value that was not found under a key.
   *
   * @throws InvalidValue when the key exists with another type
   */
  absent(key: string, expected: 'string' | 'hash'): undefined {
    const type = this.type(key)
    if (type !== undefined && type !== expected) throw wrongType(key, expected)
  }

  ttl(key: string): number | undefined {
    const at = isTooLong(key) ? undefined : this.#env.expiries.get(key)
    return at === undefined || at <= Date.now() ? undefined : at - Date.now()
  }

  *keys(prefix: string): Iterable<string> {
    const range = { start: prefix, end: `${prefix}\u{10FFFF}` }
    for (const key of this.#env.strings.getKeys(range)) if (!this.isExpired(key)) yield key
    let last: string | undefined
    for (const [key] of this.#env.hashes.getKeys({
      start: [range.start],
      end: [range.end]
    })) {
      if (key !== last && !this.isExpired(key)) yield key
      last = key
    }
  }

  apply(operation: Operation): void {
    const { key } = operation
    if (this.isExpired(key)) this.delete(key)
    switch (operation.op) {
      case 'set':
        this.delete(key)
        this.#env.strings.putSync(key, Buffer.from(operation.value))
        if (operation.ttl !== undefined) this.expire(key, operation.ttl)
        break
      case 'delete':
        this.delete(key)
        break
      case 'hset':
        this.#mustBe(key, 'hash')
        for (const [field, value] of Object.entries(operation.fields)) {
          this.#env.hashes.putSync([key, field], Buffer.from(value))
        }
        break
      case 'hdelete':
        this.#env.hashes.removeSync([key, operation.field])
        if (this.type(key) === undefined) this.#persist(key)
        break
      case 'expire':
        if (this.type(key) !== undefined) this.expire(key, operation.ttl)
        break
    }
  }

  increment({ key, field, by, ttl }: Increment): number {
    if (isTooLong(key, field)) throw new Error('ERR the key is too long')
    if (this.isExpired(key)) this.delete(key)
    this.#mustBe(key, field === undefined ? 'string' : 'hash')
    const isNew = ttl !== undefined && this.type(key) === undefined
    const before = field === undefined ? this.get(key) : this.field(key, field)
    const count = Number(before ?? 0) + by
    if (!Number.isSafeInteger(count)) throw new Error('ERR value is not an integer or out of range')
    const value = Buffer.from(String(count))
    if (field === undefined) this.#env.strings.putSync(key, value)
    else this.#env.hashes.putSync([key, field], value)
    if (isNew) this.expire(key, ttl)
    return count
  }

  /** Adds to each key that is a counter and refuses the others; `left` is always empty. */
  count(counts: readonly Count[]): Counted {
    const refused: Count[] = []
    for (const count of counts) {
      try {
        this.increment(count)
      } catch (cause) {
        if (!isNotCounter(cause as Error)) throw cause
        refused.push(count)
      }
    }
    return { refused, left: [] }
  }

  take(take: Take): Taken {
    const { key, algorithm } = take
    if (this.isExpired(key)) this.delete(key)
    const stored = this.#env.strings.get(key)
    if (stored === undefined) this.#mustBe(key, 'string')
    const text = stored?.toString() ?? ''
    const until = this.#env.expiries.get(key) ?? 0
    const budget = decodeBudget(text, algorithm, until)
    const taken = takeFrom(budget, Date.now(), take)
    if (budget.until === 0) return taken
    const changed = encodeBudget(budget, algorithm)
    if (changed !== text) this.#env.strings.putSync(key, Buffer.from(changed))
    if (budget.until !== until) this.#expireAt(key, budget.until)
    return taken
  }

  delete(key: string): void {
    this.#env.strings.removeSync(key)
    for (const name of Array.from(this.#env.hashes.getKeys(fieldsOf(key))))
      this.#env.hashes.removeSync(name)
    this.#persist(key)
  }

  expire(key: string, ttl: number): void {
    this.#expireAt(key, Date.now() + ttl)
  }

  #expireAt(key: string, at: number): void {
    this.#persist(key)
    this.#env.expiries.putSync(key, at)
    this.#env.due.putSync([at, key], true)
  }

  /** Number of the last generation. */
  generation(): number {
    return this.#env.counters.getBinaryFast(GENERATION)?.readDoubleLE(0) ?? 0
  }

  /** Records the changes of a transaction as a new generation. */
  log(change: Change): void {
    const generation = this.generation() + 1
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(generation)
    this.#env.counters.putSync(GENERATION, bytes)
    this.#env.changes.putSync(generation, change)
    this.#env.changes.removeSync(generation - HISTORY)
  }

  #persist(key: string): void {
    const at = this.#env.expiries.get(key)
    if (at === undefined) return
    this.#env.expiries.removeSync(key)
    this.#env.due.removeSync([at, key])
  }

  #mustBe(key: string, type: 'string' | 'hash'): void {
    const is = this.type(key)
    if (is === undefined || is === type) return
    throw new Error('WRONGTYPE Operation against a key holding the wrong kind of value')
  }
}

/** LMDB's keys have at most 1,978 bytes here, some of which separate the parts of a key. */
const MAX_KEY = 1950

/** Whether a key, together with its field, is too long to exist. */
function isTooLong(key: string, field = ''): boolean {
  const units = key.length + field.length
  return units * 3 > MAX_KEY && Buffer.byteLength(key) + Buffer.byteLength(field) > MAX_KEY
}

function fieldsOf(key: string): { start: [string, string]; end: [string, string] } {
  return { start: [key, ''], end: [key, '\u{10FFFF}'] }
}
