import type { HostSite } from '@reliw/options'
import { waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import type { OpenPeer } from './contract.ts'

/** How every driver finds the site of a host. */
export async function namesContract(t: Test, open: OpenPeer): Promise<void> {
  const store = await open()
  const peer = await open()
  const { keys, sites, driver } = store
  const set = async (key: string, value: unknown): Promise<void> =>
    peer.driver.write([{ op: 'set', key, value: JSON.stringify(value) }])
  const remove = async (key: string): Promise<void> => peer.driver.write([{ op: 'delete', key }])
  const find = async (host: string): Promise<HostSite> => {
    driver.poll?.()
    return sites.siteOf(host)
  }
  /** Waits until a host has a site, as `name wildcard redirect`. */
  const becomes = async (host: string, expected: string): Promise<void> => {
    let last = ''
    const isSo = async (): Promise<boolean> => {
      const { name, wildcard = '-', redirect = '-' } = await find(host)
      last = `${name} ${wildcard} ${redirect}`
      return last === expected
    }
    await waitFor(isSo, `${host}: ${expected}`).catch(() => t.equal(last, expected, host))
    t.equal(last, expected, host)
  }
  const ROUTES = [['.*', 'all']]

  await t.test('a host is its own site, with or without anything stored', async (t) => {
    await set(keys.routes('main.example'), ROUTES)
    for (const host of ['main.example', 'nobody.example', '192.0.2.1', '2001:db8::1'])
      t.same(await find(host), { name: host, wildcard: undefined, redirect: undefined })
    const again = sites.siteOf('main.example')
    t.notOk(again instanceof Promise, 'no promise once cached')
    t.equal(again, sites.siteOf('main.example'), 'and nothing is made anew')
    t.notOk(sites.siteOf('nobody.example') instanceof Promise, 'nor for hosts that nobody has')
  })

  await t.test('aliases name the site, and apply to hosts looked up before', async () => {
    await becomes('www.example', 'www.example - -')
    await set(keys.settings('main.example'), {
      aliases: ['www.example', '*.main.example'],
      redirect_aliases: ['old.example', '*.old.example']
    })
    await becomes('www.example', 'main.example - -')
    await becomes('old.example', 'main.example - main.example')
    await becomes('a.b.main.example', 'main.example *.main.example -')
    await becomes('x.old.example', 'main.example *.old.example main.example')
    await becomes('nobody.example', 'nobody.example - -')
  })

  await t.test('a host with routes or an upstream is no alias', async () => {
    await set(keys.proxy('www.example'), { target: 'localhost:1' })
    await becomes('www.example', 'www.example - -')
    await remove(keys.proxy('www.example'))
    await becomes('www.example', 'main.example - -')
  })

  await t.test('of wildcards the longest wins, and an exact alias before all', async () => {
    await set(keys.routes('*.example.org'), ROUTES)
    await set(keys.proxy('*.b.example.org'), { target: 'localhost:1' })
    await becomes('a.example.org', '*.example.org *.example.org -')
    await becomes('a.b.example.org', '*.b.example.org *.b.example.org -')
    await becomes('c.a.b.example.org', '*.b.example.org *.b.example.org -')
    await becomes('b.example.org', '*.example.org *.example.org -')
    await becomes('example.org', 'example.org - -')
    await set(keys.settings('exact.example'), { aliases: ['a.b.example.org', '*.example.org'] })
    await becomes('a.b.example.org', 'exact.example - -')
    await becomes('a.example.org', '*.example.org *.example.org -')
    await remove(keys.routes('*.example.org'))
    await becomes('a.example.org', 'exact.example *.example.org -')
    await remove(keys.proxy('*.b.example.org'))
    await becomes('z.b.example.org', 'exact.example *.example.org -')
    await remove(keys.settings('exact.example'))
    await becomes('a.example.org', 'a.example.org - -')
  })

  await t.test('"*" is the default site', async () => {
    await set(keys.settings('default.example'), { aliases: ['*'] })
    await becomes('nobody.example', 'default.example * -')
    await becomes('192.0.2.1', 'default.example * -')
    await becomes('www.example', 'main.example - -')
    await set(keys.settings('default.example'), { redirect_aliases: ['*'] })
    await becomes('nobody.example', 'default.example * default.example')
    await becomes('default.example', 'default.example - -')
    await remove(keys.settings('default.example'))
    await becomes('nobody.example', 'nobody.example - -')
  })

  await t.test('of several claims the first by name counts, in any order', async () => {
    await set(keys.settings('b.example'), { aliases: ['both.example'] })
    await becomes('both.example', 'b.example - -')
    await set(keys.settings('a.example'), { redirect_aliases: ['both.example'] })
    await becomes('both.example', 'a.example - a.example')
    await set(keys.settings('c.example'), { aliases: ['both.example', 'a.example'] })
    await becomes('both.example', 'a.example - a.example')
    await becomes('a.example', 'a.example - -')
    await remove(keys.settings('a.example'))
    await becomes('both.example', 'b.example - -')
    await becomes('a.example', 'c.example - -')
  })

  await t.test('an invalid value does not replace valid names', async (t) => {
    await set(keys.settings('b.example'), { aliases: ['other.example'], nonsense: true })
    await set(keys.settings('marker.example'), { aliases: ['marked.example'] })
    await becomes('marked.example', 'marker.example - -')
    await becomes('both.example', 'b.example - -')
    t.equal((await find('other.example')).name, 'other.example')
    await set(keys.settings('b.example'), {})
    await becomes('both.example', 'c.example - -')
  })

  await t.test('a wildcard redirects to the same name below another domain', async () => {
    await set(keys.settings('*.longer.example'), { redirect_aliases: ['*.f.example'] })
    await becomes('a.b.f.example', '*.longer.example *.f.example a.b.longer.example')
    const host = `${`${'x'.repeat(60)}.`.repeat(4)}f.example`
    await becomes(host, `${host} - -`)
  })
}
