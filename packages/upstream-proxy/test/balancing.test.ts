import type { Target, Upstream } from '@reliw/model'
import { test } from 'tap'
import { type Candidate, createBalancer } from '../src/policy/balancer.ts'
import { createHashKey } from '../src/policy/hash-key.ts'

interface Origin extends Candidate {
  readonly name: string
  active: number
}

function origin(name: string, { weight = 1, active = 0 } = {}): Origin {
  const target: Target = { scheme: 'http', host: name, port: 80, weight, authority: name }
  return { name, target, active }
}

function pickNames(lb: Upstream['lb'], candidates: readonly Origin[], times: number): string {
  const balancer = createBalancer(lb)
  return Array.from({ length: times }, () => balancer.pick(candidates, '').name).join('')
}

/** Which origin each of many keys leads to. */
function place(candidates: readonly Origin[]): string[] {
  const balancer = createBalancer('hash')
  return Array.from({ length: 10_000 }, (_, at) => balancer.pick(candidates, `key ${at}`).name)
}

function share(names: readonly string[], name: string): number {
  return names.filter((one) => one === name).length / names.length
}

test('a single candidate is chosen by every policy', async (t) => {
  const only = origin('a', { active: 7 })
  for (const lb of ['round_robin', 'weighted', 'least_connections', 'p2c', 'hash'] as const) {
    t.equal(createBalancer(lb).pick([only], 'key'), only, lb)
  }
})

test('round_robin takes origins in turn and ignores how busy they are', async (t) => {
  const origins = [origin('a', { active: 9 }), origin('b'), origin('c')]
  t.equal(pickNames('round_robin', origins, 7), 'abcabca')
})

test('round_robin stays fair when the origin that failed is missing from every second call', async (t) => {
  const [a, b, c] = [origin('a'), origin('b'), origin('c')]
  const balancer = createBalancer('round_robin')
  let names = ''
  while (names.length < 9) {
    const { name } = balancer.pick([a, b, c], '')
    names += name
    if (name === 'a') names += balancer.pick([b, c], '').name
  }
  t.equal(names, 'abcabcabc')
})

test('round_robin gives an origin that comes back one turn, not all that it missed', async (t) => {
  const [a, b, c] = [origin('a'), origin('b'), origin('c')]
  const balancer = createBalancer('round_robin')
  for (let at = 0; at < 10; at++) balancer.pick([a, b], '')
  const names = Array.from({ length: 6 }, () => balancer.pick([a, b, c], '').name)
  t.equal(names.join(''), 'cabcab')
})

test('weighted gives each its share and spreads the turns of a heavy one', async (t) => {
  const origins = [origin('a', { weight: 5 }), origin('b'), origin('c')]
  t.equal(pickNames('weighted', origins, 14), 'aabacaa'.repeat(2))
})

test('weighted keeps the shares of the others when an origin leaves', async (t) => {
  const [a, b, c] = [origin('a', { weight: 3 }), origin('b', { weight: 2 }), origin('c')]
  const balancer = createBalancer('weighted')
  for (let at = 0; at < 4; at++) balancer.pick([a, b, c], '')
  const names = Array.from({ length: 300 }, () => balancer.pick([b, c], '').name)
  const ofB = names.filter((name) => name === 'b').length
  t.ok(Math.abs(ofB - 200) <= 2, `${ofB} of 300`)
})

test('least_connections takes the one with the fewest exchanges for its weight', async (t) => {
  const [a, b] = [origin('a', { active: 2 }), origin('b', { active: 5, weight: 4 })]
  const balancer = createBalancer('least_connections')
  t.equal(balancer.pick([a, b], '').name, 'b')
  b.active = 9
  t.equal(balancer.pick([a, b], '').name, 'a')
})

test('least_connections takes equally busy ones in turn', async (t) => {
  const origins = [origin('a'), origin('b', { active: 1 }), origin('c')]
  t.equal(pickNames('least_connections', origins, 4), 'acac')
})

test('p2c never takes the busiest and takes all the others', async (t) => {
  const origins = [origin('a', { active: 3 }), origin('b', { active: 1 }), origin('c')]
  // One of 2,000 random picks would miss "b" with a probability of (2/3)^2000.
  const names = pickNames('p2c', origins, 2000)
  t.equal([...new Set(names)].toSorted().join(''), 'bc')
})

test('hash leads a key to the same origin, in whatever order and process', async (t) => {
  const [a, b, c] = [origin('a'), origin('b'), origin('c')]
  t.same(place([a, b, c]), place([c, origin('a'), b]))
})

test('hash spreads keys evenly, and by weight', async (t) => {
  const even = place(Array.from('abcdefgh', (name) => origin(name)))
  for (const name of 'abcdefgh') {
    t.ok(Math.abs(share(even, name) - 1 / 8) < 0.02, `${name}: ${share(even, name)}`)
  }
  const weighted = place([origin('a', { weight: 3 }), origin('b')])
  t.ok(Math.abs(share(weighted, 'a') - 3 / 4) < 0.02, `${share(weighted, 'a')}`)
})

test('hash moves only the keys of an origin that leaves', async (t) => {
  const [a, b, c, d] = [origin('a'), origin('b', { weight: 2 }), origin('c'), origin('d')]
  const before = place([a, b, c, d])
  const after = place([a, b, d])
  t.ok(before.every((name, at) => name === 'c' || name === after[at]))
  t.notOk(after.includes('c'))
})

test('hash moves only to an origin whose weight grows', async (t) => {
  const before = place([origin('a'), origin('b'), origin('c')])
  const after = place([origin('a'), origin('b', { weight: 3 }), origin('c')])
  t.ok(after.every((name, at) => name === 'b' || name === before[at]))
})

test('hash tells origins apart by scheme, port and socket', async (t) => {
  const targets: Target[] = [
    { scheme: 'http', host: 'a', port: 80, weight: 1, authority: 'a' },
    { scheme: 'https', host: 'a', port: 443, weight: 1, authority: 'a' },
    { scheme: 'http', host: 'a', port: 81, weight: 1, authority: 'a:81' },
    { scheme: 'http', host: 'localhost', port: 0, path: '/1', weight: 1, authority: 'localhost' },
    { scheme: 'http', host: 'localhost', port: 0, path: '/2', weight: 1, authority: 'localhost' }
  ]
  const candidates = targets.map((target, at): Origin => ({ name: `${at}`, target, active: 0 }))
  t.equal(new Set(place(candidates)).size, targets.length)
})

test('the hash key is the client’s address, a header or a cookie', async (t) => {
  const headers = { 'x-user': 'anna', cookie: 'a=1; sid=s1' }
  t.equal(createHashKey('client_ip')(headers, '10.0.0.1'), '10.0.0.1')
  t.equal(createHashKey('header:X-User')(headers, '10.0.0.1'), 'anna')
  t.equal(createHashKey('cookie:sid')(headers, '10.0.0.1'), 's1')
})

test('the hash key is the client’s address where header or cookie say nothing', async (t) => {
  for (const spec of ['header:X-User', 'cookie:sid', 'header:constructor', 'header:__proto__']) {
    const read = createHashKey(spec)
    t.equal(read({}, '10.0.0.1'), '10.0.0.1', spec)
    t.equal(read({ 'x-user': '', cookie: 'sid=' }, '10.0.0.1'), '10.0.0.1', spec)
  }
})

const cookies: [header: string, value: string][] = [
  ['sid=1', '1'],
  [' sid=1 ', '1'],
  ['a=b;sid=1;c=d', '1'],
  ['sid=1; sid=2', '1'],
  ['sid=a=b=c', 'a=b=c'],
  ['sid="1"', '"1"'],
  ['xsid=0; sid=1', '1'],
  ['sidx=0; sid=1', '1'],
  ['a=sid=0; sid=1', '1'],
  ['sid; sid=1', '1'],
  ['; ;;  sid=1', '1'],
  ['SID=0', 'none'],
  ['sid', 'none'],
  ['sid ;=0', 'none'],
  ['si', 'none'],
  ['sid=;', 'none'],
  ['   ', 'none'],
  [`${'a=b; '.repeat(3000)}sid=1`, '1']
]

test('cookies are found by their exact name, the first one of a name', async (t) => {
  const read = createHashKey('cookie:sid')
  for (const [cookie, value] of cookies) {
    t.equal(read({ cookie }, 'none'), value, cookie.slice(0, 40))
  }
})
