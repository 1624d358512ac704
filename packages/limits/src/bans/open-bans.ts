import { limitsEvents } from '@reliw/http'
import { ANY_HOST, type Store } from '@reliw/model'
import type { AddressSet, Publisher } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import type { Limiter } from '../rates/limiter.ts'
import type { AutoBanRules } from './auto-ban-options.ts'
import { AutoBans } from './auto-bans.ts'
import { BanList } from './ban-list.ts'

/** The running ban list and automatic bans. */
export interface Bans {
  readonly list: BanList
  readonly auto: AutoBans
}

/** Starts the ban list and automatic bans of a store, and logs what they do. */
export function openBans(
  store: Store,
  log: FastifyBaseLogger,
  {
    rules,
    allowed,
    trusted,
    limiter,
    publisher
  }: {
    rules: AutoBanRules
    allowed: AddressSet
    trusted: AddressSet
    limiter: Limiter
    publisher: Publisher
  }
): Bans {
  const list = new BanList(store, {
    rejected: (key, issue) => log.error({ limits: { key, mistake: issue } }, 'invalid ban'),
    overflowed: (max) =>
      log.warn({ limits: { kept: max } }, 'too many bans: some are not enforced'),
    failed: (err) => log.warn({ err }, 'bans could not be read')
  })
  const auto = new AutoBans(rules, {
    store,
    bans: list,
    publisher,
    // A request for which a trusted proxy names no client counts as the proxy's own: a ban of the proxy would hit all
    // clients that it does not name.
    isAllowed: (ip) => allowed.has(ip) || trusted.has(ip),
    async count(key, limit, period) {
      const take = { key: store.keys.limit(ANY_HOST, '@ban', key), limit, period }
      const [taken] = await limiter.take([{ ...take, algorithm: 'fixed' }])
      return taken?.allowed !== false
    },
    banned(block, reason, ms) {
      log.info(
        { audit: true, event: 'ban', address: block, reason, by: 'auto', for: ms / 1000 },
        'audit'
      )
      const { banned } = limitsEvents
      if (banned.hasSubscribers) banned.publish({ publisher, block, reason })
    },
    failed: (err) => log.warn({ err }, 'automatic ban failed')
  })
  return { list, auto }
}
