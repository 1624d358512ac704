import { AddressSet } from '@reliw/options'
import t from 'tap'
import { LimitsOptions } from '../src/index.ts'
import { BUNDLED, blocksOf, PublishedProxies } from '../src/trusted-proxies/index.ts'

const setOf = (...proxies: string[]): AddressSet =>
  new AddressSet(blocksOf(LimitsOptions.parse({ trusted_proxies: proxies }).trusted_proxies))

const issueOf = (name: string): string | undefined =>
  LimitsOptions.safeParse({ client_ip_header: name }).error?.issues[0]?.message

t.test('names stand for blocks, beside addresses', async (t) => {
  const addresses = ['127.8.9.1', '::1', '10.1.1.1', '172.16.0.1', '192.168.0.1', 'fd00::1']
  const proxies = setOf('loopback', 'private', '192.0.2.1', 'cloudflare')
  for (const ip of [...addresses, '192.0.2.1', '173.245.48.1', '2606:4700::1'])
    t.ok(proxies.has(ip), ip)
  for (const ip of ['192.0.2.2', '172.32.0.1', '8.8.8.8', '2001:db8::1', ''])
    t.notOk(proxies.has(ip), ip)
  t.notOk(setOf('loopback').has('10.0.0.1'))
})

t.test('other names are refused with those that exist', async (t) => {
  for (const name of ['Cloudflare', 'constructor', '10.0.0.0/33', ''])
    t.match(
      LimitsOptions.safeParse({ trusted_proxies: [name] }).error?.issues[0]?.message,
      /^expected an IP address, a CIDR block such as "10\.0\.0\.0\/8", or one of "private", "loopback", "cloudflare"$/
    )
})

t.test('published blocks have a source and a date, and are not the whole internet', async (t) => {
  const { sources, date, blocks } = BUNDLED.cloudflare
  t.match(date, /^\d{4}-\d\d-\d\d$/)
  t.ok(sources.every((url) => url.startsWith('https://')))
  t.ok(blocks.length > 20)
  for (const block of ['0.0.0.0/0', '16.0.0.0/7', '::/0', '2000::/3', 'x'])
    t.notOk(
      PublishedProxies.safeParse({ cloudflare: { sources, date, blocks: [block] } }).success,
      block
    )
})

t.test('a header that names the client is a header of one address', async (t) => {
  t.equal(
    LimitsOptions.parse({ client_ip_header: 'CF-Connecting-IP' }).client_ip_header,
    'cf-connecting-ip'
  )
  t.equal(issueOf('X-Forwarded-For'), 'is read by default: remove the key')
  t.match(issueOf('Forwarded'), /^not supported/)
  for (const name of ['', 'a b', 'a:', 'x'.repeat(257)]) t.equal(issueOf(name), 'not a header name')
})
