import { hash } from 'node:crypto'
import type { ApiKey, Store } from '@reliw/model'
import t, { type Test } from 'tap'
import type * as z from 'zod'
import { newApiKey } from '../src/index.ts'
import { type BrowserResponse, Browser } from './browser.ts'
import { KINDS, openStoreOf, write } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'

type StoredKey = z.input<typeof ApiKey>

interface Setup {
  /** Opened by another process than the app's. */
  peer: Store
  browser: Browser
  put: (hash: string, value: StoredKey) => Promise<void>
  send: (headers: Record<string, string>, path?: string) => Promise<BrowserResponse>
}

async function start(t: Test, kind: (typeof KINDS)[number] = 'embedded'): Promise<Setup> {
  const { store, openAgain } = await openStoreOf(t, kind)
  const peer = await openAgain()
  const key = peer.keys.apiKeys(HOST)
  const { origin } = await startApp(
    t,
    { store },
    {
      '/key': { any: ['api_key'] },
      '/ci': { any: ['api_key'], groups: ['ci'] },
      '/factor': { any: ['api_key'], second_factor: true },
      '/session-only': { any: ['session'] }
    }
  )
  const browser = new Browser(origin)
  return {
    peer,
    browser,
    put: async (name, value) =>
      write(peer, { op: 'hset', key, fields: { [name]: JSON.stringify(value) } }),
    send: async (headers, path = '/key') => browser.visit(path, { headers })
  }
}

t.test(
  'an API key identifies its owner, in a header of its own or as a bearer token',
  async (t) => {
    const { put, send } = await start(t)
    const { key, hash } = newApiKey()
    await put(hash, { user: 'deploy', groups: ['ci'], name: 'pipeline' })
    for (const headers of [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer  ${key}` }
    ]) {
      const response = await send(headers)
      t.equal(response.status, 200)
      const identity = { user: 'deploy', groups: ['ci'], method: 'api_key', secondFactor: false }
      t.same(JSON.parse(response.text), identity)
      t.same(response.setCookies, [])
      t.equal((await send(headers, '/ci')).status, 200)
      t.equal((await send(headers, '/factor')).status, 403, 'it is no second factor')
      t.equal(
        (await send(headers, '/session-only')).status,
        302,
        'where the rule does not accept API keys'
      )
    }
  }
)

t.test('new keys cannot be guessed, and are stored as a hash', async (t) => {
  const keys = Array.from({ length: 100 }, newApiKey)
  t.equal(new Set(keys.map(({ key }) => key)).size, 100)
  for (const { key, hash: stored } of keys) {
    t.match(key, /^rlw_[\w-]{43}$/)
    t.equal(stored, hash('sha256', key, 'hex'))
  }
})

t.test('an unknown or expired key is refused with 401', async (t) => {
  const { put, send } = await start(t)
  const [expired, other] = [newApiKey(), newApiKey()]
  await put(expired.hash, { user: 'deploy', expires: Date.now() - 1 })
  for (const { key } of [expired, other]) {
    for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      const response = await send(headers)
      t.equal(response.status, 401)
      const challenge = `Bearer realm="${HOST}", error="invalid_token"`
      t.equal(response.headers.get('www-authenticate'), challenge)
      t.notMatch(response.text, /deploy|expired|unknown/)
    }
  }
  await put(expired.hash, { user: 'deploy', expires: Date.now() + 3_600_000 })
  t.equal((await send({ 'x-api-key': expired.key })).status, 200)
})

t.test(
  'a malformed key is refused with 403, and other bearer tokens are not API keys',
  async (t) => {
    const { put, send } = await start(t)
    const { key, hash: stored } = newApiKey()
    await put(stored, { user: 'deploy' })
    for (const wrong of [
      stored,
      key.slice(4),
      `${key}x`,
      key.slice(0, -1),
      `${key}, ${key}`,
      'x',
      '*'
    ])
      t.equal((await send({ 'x-api-key': wrong })).status, 403, wrong)
    t.equal((await send({ authorization: 'Bearer rlw_' })).status, 403)
    for (const headers of [
      {},
      { authorization: `Basic ${key}` },
      { authorization: key },
      { authorization: `Bearer ${stored}` },
      { cookie: `rlw_session_token=${key}; x-api-key=${key}` }
    ]) {
      const response = await send(headers)
      t.equal(response.status, 401, JSON.stringify(headers))
      t.equal(response.headers.get('www-authenticate'), `Bearer realm="${HOST}"`)
    }
  }
)

for (const kind of KINDS) {
  t.test(`a key is good until it is removed, for the next request (${kind})`, async (t) => {
    const { peer, put, send } = await start(t, kind)
    const [mine, other] = [newApiKey(), newApiKey()]
    await put(mine.hash, { user: 'deploy' })
    await put(other.hash, { user: 'other' })
    t.equal((await send({ 'x-api-key': mine.key })).status, 200)
    await put(mine.hash, { user: 'renamed' })
    t.match(JSON.parse((await send({ 'x-api-key': mine.key })).text), { user: 'renamed' })
    await write(peer, { op: 'hdelete', key: peer.keys.apiKeys(HOST), field: mine.hash })
    t.equal((await send({ 'x-api-key': mine.key })).status, 401)
    t.equal((await send({ 'x-api-key': other.key })).status, 200)
  })
}

t.test('an app may have keys of its own, by their hashes', async (t) => {
  const { key, hash } = newApiKey()
  const rules = { '/key': { any: ['api_key' as const] } }
  const { origin } = await startApp(t, { api_keys: { [hash]: { user: 'deploy' } } }, rules)
  const browser = new Browser(origin)
  t.equal((await browser.visit('/key', { headers: { 'x-api-key': key } })).status, 200)
  t.equal((await browser.visit('/key', { headers: { 'x-api-key': newApiKey().key } })).status, 401)
  t.equal((await browser.visit(`/key?x-api-key=${key}`)).status, 401)
})
