import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { hashPassword } from '@reliw/auth'
import { startRedis, waitFor } from '@reliw/testing'
import { test, type Test } from 'tap'
import type { Browser } from '../../../packages/auth/test/browser.ts'
import type { Config } from '../src/index.ts'
import { HOST, PASSWORD, type ProtectedServer, startProtected } from './protected-site.ts'

const LOOPS = 6
/** Requests before a change, and after it. */
const ENOUGH = 60

/** What every change is tested with. */
const stores: Record<string, (t: Test) => Promise<Config>> = {
  'the embedded store': async () => ({}),
  Redis: async (t) => ({ redis: { port: (await startRedis(t)).port } })
}

async function start(t: Test, config: Config): Promise<ProtectedServer> {
  return startProtected(
    t,
    { page: {}, private: { auth: ['ada'] } },
    {
      [`FILES:${HOST}:/page`]: { content: 'content' },
      [`FILES:${HOST}:/private`]: { content: 'content' }
    },
    config
  )
}

/** Statuses of requests that were sent before a change was acknowledged, and after. */
interface Statuses {
  before: number[]
  after: number[]
}

function only(responses: readonly number[]): number[] {
  return [...new Set(responses)]
}

/** Asks for a path without a pause, makes a change meanwhile, and goes on for a while. */
async function changeUnderLoad(
  browser: Browser,
  path: string,
  change: () => Promise<void>
): Promise<Statuses> {
  const responses: Statuses = { before: [], after: [] }
  let time: keyof Statuses | 'over' = 'before'
  const loop = async (): Promise<void> => {
    for (let sent: typeof time = time; sent !== 'over'; sent = time) {
      const { status, text } = await browser.visit(path)
      if ((status === 200) !== (text === 'content')) throw new Error(`${status}: ${text}`)
      responses[sent].push(status)
    }
  }
  const loops = Array.from({ length: LOOPS }, loop)
  await waitFor(() => responses.before.length >= ENOUGH, 'requests')
  await change()
  await setImmediate()
  time = 'after'
  await waitFor(() => responses.after.length >= ENOUGH, 'more requests')
  time = 'over'
  await Promise.all(loops)
  return responses
}

for (const [name, configure] of Object.entries(stores)) {
  test(`with ${name}, a change holds for every request after it`, async (t) => {
    const { visitor, logIn, set } = await start(t, await configure(t))

    await t.test('an entry that gets an `auth`', async (t) => {
      const entry = { methods: { GET: true }, auth: ['ada'] }
      const change = async (): Promise<void> => set(`API:${HOST}:page`, entry)
      const { before, after } = await changeUnderLoad(visitor(), '/page', change)
      t.equal(before[0], 200)
      t.strictSame(only(after), [302])
    })

    await t.test('a user who is removed from the rule', async (t) => {
      const entry = { methods: { GET: true }, auth: ['eve'] }
      const change = async (): Promise<void> => set(`API:${HOST}:private`, entry)
      const { before, after } = await changeUnderLoad(await logIn(), '/private', change)
      t.equal(before[0], 200)
      t.strictSame(only(after), [403])
      await set(`API:${HOST}:private`, { ...entry, auth: ['ada', 'bob'] })
    })

    await t.test('a session that is ended', async (t) => {
      const [ada, other] = [await logIn(), await logIn()]
      const id = hash('sha256', ada.session ?? '', 'base64url')
      const change = async (): Promise<void> => set(`SESSIONS:${HOST}:${id}`, undefined)
      const { before, after } = await changeUnderLoad(ada, '/private', change)
      t.equal(before[0], 200)
      t.strictSame(only(after), [302])
      t.equal((await other.visit('/private')).status, 200, 'another session of hers goes on')
    })

    await t.test('a user who is deleted', async (t) => {
      const bob = await logIn('bob')
      const { before, after } = await changeUnderLoad(bob, '/private', async () =>
        set(`USERS:${HOST}`, { bob: undefined })
      )
      t.equal(before[0], 200)
      t.strictSame(only(after), [302])
    })

    await t.test('a user who is disabled, or gets another password', async (t) => {
      const pass = await hashPassword(PASSWORD)
      for (const changed of [{ pass, disabled: true }, { pass: await hashPassword('another') }]) {
        await set(`USERS:${HOST}`, { bob: JSON.stringify({ pass }) })
        const bob = await logIn('bob')
        const change = async (): Promise<void> =>
          set(`USERS:${HOST}`, { bob: JSON.stringify(changed) })
        const { before, after } = await changeUnderLoad(bob, '/private', change)
        t.equal(before[0], 200)
        t.strictSame(only(after), [302])
      }
    })
  })
}
