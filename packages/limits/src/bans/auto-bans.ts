import { authEvents, wafEvents } from '@reliw/http'
import type { Store } from '@reliw/model'
import { clientBlock, listen, type Publisher } from '@reliw/options'
import type { AutoBanKind, AutoBanRules } from './auto-ban-options.ts'
import type { BanList } from './ban-list.ts'
import { writeBan } from './stored-ban.ts'

/** Refusals whose count is still pending in the store; beyond this number, further refusals are not counted. */
const MAX_COUNTING = 10_000
/** Bans being written at once; beyond this number, a client is banned at its next refusal. */
const MAX_WRITING = 1000
/** Milliseconds between two reported failures. */
const QUIET = 10_000

const REASONS: Readonly<Record<AutoBanKind, string>> = {
  login_failures: 'login failures',
  waf_blocks: 'blocked by the WAF',
  not_found: 'requests for what is not there'
}

/** The dependencies of automatic bans. */
export interface AutoBanParts {
  readonly store: Pick<Store, 'driver' | 'keys'>
  readonly bans: Pick<BanList, 'has' | 'refresh'>
  /** The app whose events are counted. */
  readonly publisher: Publisher
  /**
   * Counts one refusal under a key and returns whether the count within `windowMs` is still at most `limit`. When it
   * throws or rejects, the error is passed to `failed` and the refusal is not counted.
   */
  readonly count: (key: string, limit: number, windowMs: number) => boolean | Promise<boolean>
  /** Whether an address is exempt from bans. */
  readonly isAllowed: (ip: string) => boolean
  /** Called for each new ban; `block` is an IPv4 address or an IPv6 /64. */
  readonly banned?: (block: string, reason: string, ms: number) => void
  /**
   * Called when counting or banning failed, for example while the store is unavailable; at most once in ten seconds.
   */
  readonly failed?: (error: unknown) => void
}

type Rule = NonNullable<AutoBanRules[AutoBanKind]>

/** A refused client, and the rule that counts the refusal. */
interface Refusal {
  readonly ip: string
  readonly client: string
  readonly kind: AutoBanKind
  readonly rule: Rule
}

/**
 * Bans clients that are refused repeatedly. It listens to the events that other plugins of the app publish on
 * `node:diagnostics_channel`; no request ever waits for it.
 */
export class AutoBans {
  readonly #rules: AutoBanRules
  readonly #parts: AutoBanParts
  readonly #writing = new Map<string, Promise<void>>()
  readonly #stops: readonly (() => void)[]
  #counting = 0
  #quietUntil = 0
  #closed = false

  constructor(rules: AutoBanRules, parts: AutoBanParts) {
    this.#rules = rules
    this.#parts = parts
    const { publisher } = parts
    const fail = (error: unknown): void => this.#fail(error)
    this.#stops = [
      listen(
        authEvents.failure,
        publisher,
        ({ isGuess, clientIp }) => {
          // An expired token is not an attempt to guess credentials.
          if (isGuess !== false) this.#note('login_failures', clientIp)
        },
        fail
      ),
      listen(
        wafEvents.verdict,
        publisher,
        ({ action, clientIp }) => {
          if (action === 'block') this.#note('waf_blocks', clientIp)
        },
        fail
      )
    ]
  }

  /** Counts a 404 response to a client. */
  notFound(ip: string): void {
    this.#note('not_found', ip)
  }

  /** Stops listening, and waits for bans that are being written. */
  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    await Promise.all(this.#writing.values())
  }

  /** Never throws: a failure here must not fail the request. */
  #note(kind: AutoBanKind, ip: string): void {
    const rule = this.#rules[kind]
    if (rule === undefined || this.#closed) return
    try {
      const client = clientBlock(ip)
      if (client === undefined || this.#isSettled(ip, client)) return
      this.#count({ ip, client, kind, rule })
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Whether the client needs no further counting: it is banned, about to be, or exempt. */
  #isSettled(ip: string, client: string): boolean {
    const { bans, isAllowed } = this.#parts
    return this.#writing.has(client) || isAllowed(ip) || bans.has(ip)
  }

  /** The refusal that reaches the threshold is the first one beyond a budget of `threshold - 1`. */
  #count(refusal: Refusal): void {
    const { client, kind, rule } = refusal
    if (rule.threshold === 1) return this.#ban(refusal)
    if (this.#counting >= MAX_COUNTING) return
    const within = this.#parts.count(`ban:${kind}:${client}`, rule.threshold - 1, rule.window)
    if (within === true) return
    if (within === false) return this.#ban(refusal)
    this.#counting += 1
    void this.#countLater(within, refusal)
  }

  async #countLater(counted: Promise<boolean>, refusal: Refusal): Promise<void> {
    try {
      const isWithin = await counted
      if (!isWithin && !this.#isSettled(refusal.ip, refusal.client)) this.#ban(refusal)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#counting -= 1
    }
  }

  #ban(refusal: Refusal): void {
    if (this.#closed || this.#writing.size >= MAX_WRITING) return
    const written = this.#write(refusal).finally(() => this.#writing.delete(refusal.client))
    this.#writing.set(refusal.client, written)
  }

  async #write({ client, kind, rule }: Refusal): Promise<void> {
    const { store, bans, banned } = this.#parts
    try {
      const isBanned = (await store.driver.type(store.keys.ban(client))) !== undefined
      if (!isBanned) {
        await writeBan(store, client, { reason: REASONS[kind], by: 'auto' }, rule.duration)
        banned?.(client, REASONS[kind], rule.duration)
      }
      // Until the ban list contains the ban, further refusals would ban the client again.
      await bans.refresh(client)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const now = performance.now()
    if (this.#closed || now < this.#quietUntil) return
    this.#quietUntil = now + QUIET
    this.#parts.failed?.(error)
  }
}
