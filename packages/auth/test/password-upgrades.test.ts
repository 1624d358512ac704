import { type Store, User } from '@reliw/model'
import Fastify from 'fastify'
import t from 'tap'
import { hashPassword } from '../src/index.ts'
import { upgradePassword } from '../src/users.ts'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { KINDS, openStoreOf, putUsers } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { hmacUserOf, type StoredUser, userOf } from './stored-users.ts'

const OURS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

async function storedOf({ driver, keys }: Store, name: string): Promise<StoredUser> {
  return JSON.parse(String(await driver.hashField(keys.users(HOST), name))) as StoredUser
}

for (const kind of KINDS) {
  t.test(`an older kind of password is replaced when it was right (${kind})`, async (t) => {
    const { store } = await openStoreOf(t, kind)
    const more = { groups: ['staff'] }
    await putUsers(store, { ada: hmacUserOf('pw', more), bob: hmacUserOf('pw') })
    const { origin } = await startApp(t, { store }, { '/basic': { any: ['basic'] } })
    const browser = new Browser(origin)
    t.equal((await browser.logIn('ada', 'wrong')).status, 401)
    t.same(await storedOf(store, 'ada'), hmacUserOf('pw', more))

    t.equal((await browser.logIn('ada', 'pw')).status, 303)
    t.equal((await browser.visit('/private')).status, 200, 'the session is of the new one')
    const { pass, ...rest } = await storedOf(store, 'ada')
    t.match(pass, OURS)
    t.same(rest, more, 'all else is as it was')
    t.equal((await browser.logIn('ada', 'wrong')).status, 401)
    t.equal((await browser.logIn('ada', 'pw')).status, 303)

    t.equal((await browser.visit('/basic', { headers: basic('bob', 'pw') })).status, 200)
    t.match((await storedOf(store, 'bob')).pass, OURS)
    t.equal((await browser.visit('/basic', { headers: basic('bob', 'pw') })).status, 200)
  })
}

for (const kind of KINDS) {
  t.test(`logins at the same time replace it once, and all of them last (${kind})`, async (t) => {
    const { store } = await openStoreOf(t, kind)
    await putUsers(store, { ada: hmacUserOf('pw') })
    const { origin } = await startApp(t, { store })
    const browsers = Array.from({ length: 4 }, () => new Browser(origin))
    const logins = await Promise.all(browsers.map(async (browser) => browser.logIn('ada', 'pw')))
    t.same(new Set(logins.map(({ status }) => status)), new Set([303]))
    const visits = await Promise.all(browsers.map(async (browser) => browser.visit('/private')))
    t.same(new Set(visits.map(({ status }) => status)), new Set([200]))
  })
}

t.test('a password that was changed meanwhile stays as it was changed', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { log } = Fastify({ logger: false })
  const user = User.parse(hmacUserOf('pw'))
  const other = await userOf('other')
  const upgrade = { host: HOST, name: 'ada', user, pass: await hashPassword('pw') }
  await putUsers(store, { ada: other })
  t.equal(await upgradePassword(store, log, upgrade), user.pass)
  t.same(await storedOf(store, 'ada'), other)
})

t.test('a correct password is accepted even if the store refuses the upgrade', async (t) => {
  const { store, redis } = await openStoreOf(t, 'redis')
  const lines: string[] = []
  const { log } = Fastify({ logger: { stream: { write: (line) => void lines.push(line) } } })
  const user = User.parse(hmacUserOf('pw'))
  const upgrade = { host: HOST, name: 'ada', user, pass: await hashPassword('pw') }
  t.equal(await upgradePassword(store, log, upgrade), user.pass, 'there is no user any more')
  await putUsers(store, { ada: hmacUserOf('pw') })
  await redis?.command('CONFIG', 'SET', 'min-replicas-to-write', '1')
  t.equal(await upgradePassword(store, log, upgrade), user.pass, 'nothing is taken')
  t.match(lines, [/password could not be upgraded/, /password could not be upgraded/])
  t.notOk(lines.some((line) => line.includes(upgrade.pass) || line.includes(user.pass)))
  await redis?.command('CONFIG', 'SET', 'min-replicas-to-write', '0')
  t.equal(await upgradePassword(store, log, upgrade), upgrade.pass, 'the next one tries again')
  t.same(await storedOf(store, 'ada'), { pass: upgrade.pass })
})
