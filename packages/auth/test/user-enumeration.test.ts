import { seededRandom } from '@reliw/testing'
import t, { type Test } from 'tap'
import { newTotpSecret } from '../src/index.ts'
import { type BrowserResponse, Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { rankStatistic } from './rank-statistic.ts'
import { startApp } from './start-app.ts'
import { hmacUserOf, type StoredUser, userOf } from './stored-users.ts'

/** Users of each kind, and attempts on each, which are as many as cost nothing. */
const USERS = 6
const ATTEMPTS = 4
const KINDS = ['unknown', 'known', 'disabled', 'hmac', 'second'] as const

type Kind = (typeof KINDS)[number]

const nameOf = (kind: Kind, n: number): string => `${kind.padEnd(8, '_')}${n}`

async function makeUsers(): Promise<Record<string, StoredUser>> {
  const users: Record<string, StoredUser> = {}
  const totp = newTotpSecret()
  for (let n = 0; n < USERS; n++) {
    users[nameOf('known', n)] = await userOf('right')
    users[nameOf('disabled', n)] = await userOf('right', { disabled: true })
    users[nameOf('hmac', n)] = hmacUserOf('right')
    users[nameOf('second', n)] = await userOf('right', { totp })
  }
  return users
}

/** An app whose clients are each at an address of their own. */
async function start(t: Test): Promise<Browser> {
  const { store } = await openStoreOf(t, 'embedded')
  await putUsers(store, await makeUsers())
  let clients = 0
  const known = () => ({ clientIp: `192.0.2.${clients++}` })
  const rules = { '/basic': { any: ['basic' as const] } }
  const { origin } = await startApp(t, { store }, rules, known)
  return new Browser(origin)
}

/** What a client sees of an response, but for what it said itself, and the time of day. */
function seen({ status, headers, text }: BrowserResponse, name: string): string {
  const rest = [...headers].filter(([header]) => header !== 'date')
  return JSON.stringify([status, rest, text.replaceAll(name, 'NAME')])
}

t.test('the response to a wrong password reveals nothing about the user', async (t) => {
  const browser = await start(t)
  const page = await browser.visit('/login')
  const responses = { form: new Set<string>(), basic: new Set<string>() }
  for (const kind of KINDS) {
    const login = nameOf(kind, 0)
    const form = { login, password: 'wrong' }
    responses.form.add(seen(await browser.submit(page, form), login))
    const headers = basic(login, 'wrong')
    responses.basic.add(seen(await browser.visit('/basic', { headers }), login))
  }
  t.equal(responses.form.size, 1)
  t.equal(responses.basic.size, 1)
})

t.test('nor does the right password of a user who is disabled', async (t) => {
  const browser = await start(t)
  const page = await browser.visit('/login')
  const responses = await Promise.all(
    (['disabled', 'unknown'] as const).map(async (kind) => {
      const login = nameOf(kind, 0)
      return seen(await browser.submit(page, { login, password: 'right' }), login)
    })
  )
  t.equal(responses[0], responses[1])
})

t.test('nor does having to wait', async (t) => {
  const browser = await start(t)
  const page = await browser.visit('/login')
  for (const kind of KINDS) {
    const form = { login: nameOf(kind, 0), password: 'wrong' }
    let wrong = 0
    while ((await browser.submit(page, form)).status === 401) wrong++
    t.equal(wrong, 20, kind)
  }
})

t.test('nor does the time that the response takes', async (t) => {
  const { below } = seededRandom(t)
  // On a busy machine chance may tell two kinds apart, but hardly ever thrice.
  for (let attempt = 1; ; attempt++) {
    const times = await measure(await start(t), below)
    const statistics = KINDS.map((kind) => rankStatistic(times[kind], times.unknown))
    const isAlike = statistics.every((statistic) => statistic > 0.15 && statistic < 0.85)
    if (!isAlike && attempt < 3) continue
    t.ok(isAlike, JSON.stringify(statistics))
    break
  }
})

/** How long it takes to refuse wrong passwords of each kind of user, in milliseconds. */
async function measure(
  browser: Browser,
  below: (below: number) => number
): Promise<Record<Kind, number[]>> {
  const page = await browser.visit('/login')
  const times = { unknown: [], known: [], disabled: [], hmac: [], second: [] } as Record<
    Kind,
    number[]
  >
  for (let round = 0; round < USERS * ATTEMPTS; round++) {
    // In turns: whatever else the machine is doing, it does it to all of them.
    const first = below(KINDS.length)
    for (const kind of [...KINDS.slice(first), ...KINDS.slice(0, first)]) {
      const begun = performance.now()
      await browser.submit(page, { login: nameOf(kind, round % USERS), password: 'wrong' })
      times[kind].push(performance.now() - begun)
    }
  }
  return times
}
