import t from 'tap'
import { seededRandom } from '@reliw/testing'
import { Concurrency } from '../src/concurrency.ts'

t.test('requests enter up to the limit in all', async (t) => {
  const concurrency = new Concurrency()
  t.ok(concurrency.enter('a.example', 2, undefined))
  t.ok(concurrency.enter('b.example', 2, undefined))
  t.notOk(concurrency.enter('c.example', 2, undefined))
  concurrency.leave('a.example')
  t.ok(concurrency.enter('c.example', 2, undefined))
  t.equal(concurrency.total, 2)
})

t.test('requests enter up to the limit of their host', async (t) => {
  const concurrency = new Concurrency()
  t.ok(concurrency.enter('a.example', undefined, 1))
  t.notOk(concurrency.enter('a.example', undefined, 1))
  t.ok(concurrency.enter('b.example', undefined, 1))
  t.ok(concurrency.enter('a.example', undefined, 2), 'its limit may change meanwhile')
  t.equal(concurrency.of('a.example'), 2)
})

t.test('without limits every request enters, with a limit of 0 none', async (t) => {
  const concurrency = new Concurrency()
  for (let i = 0; i < 1_000; i++) concurrency.enter('a.example', undefined, undefined)
  t.equal(concurrency.total, 1_000)
  t.notOk(concurrency.enter('b.example', 0, undefined))
  t.notOk(concurrency.enter('b.example', undefined, 0))
})

t.test('a request that is refused is not counted, in all nor for its host', async (t) => {
  const concurrency = new Concurrency()
  concurrency.enter('a.example', 5, 1)
  for (let i = 0; i < 10; i++) concurrency.enter('a.example', 5, 1)
  t.equal(concurrency.total, 1)
  t.equal(concurrency.of('a.example'), 1)
})

t.test('a host with nothing in flight is forgotten', async (t) => {
  const concurrency = new Concurrency()
  for (let i = 0; i < 100; i++) concurrency.enter(`${i}.example`, undefined, undefined)
  t.equal(concurrency.hosts, 100)
  for (let i = 0; i < 100; i++) concurrency.leave(`${i}.example`)
  t.equal(concurrency.hosts, 0)
  t.equal(concurrency.total, 0)
  t.equal(concurrency.of('1.example'), 0)
})

t.test('leaving without having entered changes nothing', async (t) => {
  const concurrency = new Concurrency()
  concurrency.enter('a.example', undefined, undefined)
  concurrency.leave('b.example')
  t.equal(concurrency.total, 1)
  concurrency.leave('a.example')
  concurrency.leave('a.example')
  t.equal(concurrency.total, 0)
  t.ok(concurrency.enter('a.example', 1, 1))
})

t.test('hosts named like parts of objects are hosts', async (t) => {
  const concurrency = new Concurrency()
  for (const host of ['__proto__', 'constructor', '']) {
    t.ok(concurrency.enter(host, undefined, 1))
    t.notOk(concurrency.enter(host, undefined, 1))
  }
})

t.test('the counts are always those of the requests in flight', async (t) => {
  const random = seededRandom(t)
  const concurrency = new Concurrency()
  const hosts = ['a.example', 'b.example', 'c.example']
  const inFlight: string[] = []
  const count = (host: string): number => inFlight.filter((other) => other === host).length
  for (let i = 0; i < 2_000; i++) {
    const host = random.pick(hosts)
    const isRoom = inFlight.length < 12 && count(host) < 6
    if (random.below(2) === 0) {
      if (concurrency.enter(host, 12, 6) !== isRoom) t.fail(`step ${i}`)
      if (isRoom) inFlight.push(host)
    } else if (inFlight.length > 0) {
      const [leaving = ''] = inFlight.splice(random.below(inFlight.length), 1)
      concurrency.leave(leaving)
    }
    const counts = hosts.map((host) => concurrency.of(host))
    if (String(counts) !== String(hosts.map(count))) t.fail(`step ${i}`)
    if (concurrency.total !== inFlight.length) t.fail(`step ${i}`)
    if (concurrency.hosts !== new Set(inFlight).size) t.fail(`step ${i}`)
  }
})
