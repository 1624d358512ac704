import { hash } from 'node:crypto'
import type { ApiKey, Store } from '@reliw/model'
import t, { type Test } from 'tap'
import type * as z from 'zod'
import { newApiKey } from '../src/index.ts'
import { type Answer, Browser } from './browser.ts'
import { KINDS, openStoreOf, write } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'

type StoredKey = z.input<typeof ApiKey>

interface Setup {
  /** Opened by another process than the app's. */
  peer: Store
  browser: Browser
  put: (hash: string, value: StoredKey) => Promise<void>
  ask: (headers: Record<string, string>, path?: string) => Promise<Answer>
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
    ask: async (headers, path = '/key') => browser.visit(path, { headers })
  }
}

t.test('an API key says whose it is, in a header of its own or as a bearer token', async (t) => {
  const { put, ask } = await start(t)
  const { key, hash } = newApiKey()
  await put(hash, { user: 'deploy', groups: ['ci'], name: 'pipeline' })
  for (const headers of [
    { 'x-api-key': key },
    { authorization: `Bearer ${key}` },
    { authorization: `bearer  ${key}` }
  ]) {
    const answer = await ask(headers)
    t.equal(answer.status, 200)
    const identity = { user: 'deploy', groups: ['ci'], method: 'api_key', secondFactor: false }
    t.same(JSON.parse(answer.text), identity)
    t.same(answer.setCookies, [])
    t.equal((await ask(headers, '/ci')).status, 200)
    t.equal((await ask(headers, '/factor')).status, 403, 'it is no second factor')
    t.equal((await ask(headers, '/session-only')).status, 302, 'where nobody asked for it')
  }
})

t.test('new keys cannot be guessed, and are kept as a hash', async (t) => {
  const keys = Array.from({ length: 100 }, newApiKey)
  t.equal(new Set(keys.map(({ key }) => key)).size, 100)
  for (const { key, hash: kept } of keys) {
    t.match(key, /^rlw_[\w-]{43}$/)
    t.equal(kept, hash('sha256', key, 'hex'))
  }
})

t.test('a key that is unknown or expired may be another one tomorrow: 401', async (t) => {
  const { put, ask } = await start(t)
  const [expired, other] = [newApiKey(), newApiKey()]
  await put(expired.hash, { user: 'deploy', expires: Date.now() - 1 })
  for (const { key } of [expired, other]) {
    for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      const answer = await ask(headers)
      t.equal(answer.status, 401)
      const challenge = `Bearer realm="${HOST}", error="invalid_token"`
      t.equal(answer.headers.get('www-authenticate'), challenge)
      t.notMatch(answer.text, /deploy|expired|unknown/)
    }
  }
  await put(expired.hash, { user: 'deploy', expires: Date.now() + 3_600_000 })
  t.equal((await ask({ 'x-api-key': expired.key })).status, 200)
})

t.test('what can never be a key is refused for good, and what is none is not one', async (t) => {
  const { put, ask } = await start(t)
  const { key, hash: kept } = newApiKey()
  await put(kept, { user: 'deploy' })
  for (const wrong of [kept, key.slice(4), `${key}x`, key.slice(0, -1), `${key}, ${key}`, 'x', '*'])
    t.equal((await ask({ 'x-api-key': wrong })).status, 403, wrong)
  t.equal((await ask({ authorization: 'Bearer rlw_' })).status, 403)
  for (const headers of [
    {},
    { authorization: `Basic ${key}` },
    { authorization: key },
    { authorization: `Bearer ${kept}` },
    { cookie: `rlw_session_token=${key}; x-api-key=${key}` }
  ]) {
    const answer = await ask(headers)
    t.equal(answer.status, 401, JSON.stringify(headers))
    t.equal(answer.headers.get('www-authenticate'), `Bearer realm="${HOST}"`)
  }
})

for (const kind of KINDS) {
  t.test(`a key is good until it is removed, for the next request (${kind})`, async (t) => {
    const { peer, put, ask } = await start(t, kind)
    const [mine, other] = [newApiKey(), newApiKey()]
    await put(mine.hash, { user: 'deploy' })
    await put(other.hash, { user: 'other' })
    t.equal((await ask({ 'x-api-key': mine.key })).status, 200)
    await put(mine.hash, { user: 'renamed' })
    t.match(JSON.parse((await ask({ 'x-api-key': mine.key })).text), { user: 'renamed' })
    await write(peer, { op: 'hdelete', key: peer.keys.apiKeys(HOST), field: mine.hash })
    t.equal((await ask({ 'x-api-key': mine.key })).status, 401)
    t.equal((await ask({ 'x-api-key': other.key })).status, 200)
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
