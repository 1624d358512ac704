import { openStore } from '@reliw/store'
import { type Random, seededRandom, tempDir } from '@reliw/testing'
import t from 'tap'
import { decisive, type Exclusion, type Request, type Rules } from './oracle.ts'
import { startApp, statusOf } from './start-app.ts'

const PIECES = ['a', 'b', 'A', '%41', '%62', '+', '%20', '/', '&', '=', '?', '%', '%2541', 'ab']
const PATTERNS = [
  'a',
  'ab',
  '[aA]b',
  'a.-b',
  '^/a',
  'b$',
  ' ',
  '%%',
  'a%s',
  '[^a]b',
  'A+',
  '(a)%1'
].concat(['%f[a]a', 'b?a', '%+', '%%41', '=', '&b', '.', 'zz', '%z', 'a*b', '%x%x', '?b'])
const HEADERS = ['x-a', 'x-b', 'x-c']
const SITE = 'a.example'

function some<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make)
}

function rulesOf(random: Random, owner: string): Rules {
  const patterns = (): string[] => some(random, 3, () => random.pick(PATTERNS))
  const exclusion = (): Exclusion =>
    random.pick([
      { rule: `${owner}/query/${1 + random.below(3)}` },
      { rule: random.pick(PATTERNS) },
      { path: '^/b' },
      { header: random.pick(HEADERS) }
    ])
  const headers = Object.fromEntries(some(random, 2, () => [random.pick(HEADERS), patterns()]))
  return { query: patterns(), headers, exclusions: some(random, 2, exclusion) }
}

function requestOf(random: Random): Request {
  const text = (most: number): string => some(random, most, () => random.pick(PIECES)).join('')
  const headers = some(random, 4, () => [random.pick(HEADERS), text(3)] as const)
  const target = `/${random.pick(['', 'b', 'c'])}${text(4)}`
  // Fastify refuses paths that cannot be decoded before any hook.
  return { target: isPlain(target) ? target : '/b?%', headers }
}

/** Whether the path of a target is one that can be decoded. */
function isPlain(target: string): boolean {
  try {
    return decodeURIComponent(target.replace(/\?.*/, '')) !== ''
  } catch {
    return false
  }
}

t.test(
  'random rules match in random requests what they match when applied one by one',
  async (t) => {
    const random = seededRandom(t)
    const store = await openStore({ dir: tempDir(t) })
    t.teardown(() => store.close())
    const { get, verdicts } = await startApp(t, { store })
    let found = 0
    for (let round = 0; round < 30; round++) {
      const sets = ['__', SITE].map((owner) => [owner, rulesOf(random, owner)] as const)
      const fields = Object.fromEntries(sets.map(([owner, set]) => [owner, JSON.stringify(set)]))
      await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
      const requests = Array.from({ length: 10 }, () => requestOf(random))
      // Each comes twice: then it is known.
      for (const request of [...requests, ...requests]) {
        verdicts.length = 0
        const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
        const status = statusOf(await get(request.target, lines))
        const rule = decisive(sets, request)
        if (rule !== undefined) found += 1
        const told = [status === 403, verdicts.map((verdict) => verdict.rule)]
        const wanted = [rule !== undefined, rule === undefined ? [] : [rule]]
        t.strictSame(told, wanted, JSON.stringify([sets, request]))
      }
    }
    t.ok(found > 20, `${found}`)
  }
)
