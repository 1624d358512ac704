import t from 'tap'
import { Host } from '../src/index.ts'

t.test('hosts in options are normalized as those of requests are', async (t) => {
  t.equal(Host.parse('WWW.Example.com.'), 'www.example.com')
  t.equal(Host.parse('192.0.2.1'), '192.0.2.1')
  t.equal(Host.parse('[0:0::1]'), '::1')
})

t.test('IPv6 needs no brackets, so that what was parsed can be parsed', async (t) => {
  t.equal(Host.parse('2001:DB8::0:1'), '2001:db8::1')
  t.equal(Host.parse(Host.parse('[2001:db8::1]')), '2001:db8::1')
})

t.test('a port would be lost, so it is refused', async (t) => {
  for (const host of ['example.com:80', 'example.com:', '127.0.0.1:80', '[::1]:80']) {
    t.match(Host.safeParse(host), { success: false, error: /without a port/ }, host)
  }
})

t.test('a host that no request can name is refused', async (t) => {
  for (const host of ['', '*', 'a b', 'http://example.com', '300.1.1.1', 'fe80::1%eth0', 1]) {
    t.notOk(Host.safeParse(host).success, String(host))
  }
})
