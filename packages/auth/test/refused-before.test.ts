import { respond, startOrigin } from '@reliw/testing'
import t from 'tap'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { failMany } from './failed-attempts.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { startApp } from './start-app.ts'
import { settingsFor } from './forward-fixtures.ts'
import { userOf } from './stored-users.ts'

const ADDRESS = '192.0.2.1'

for (const status of [200, 403])
  t.test(
    `the auth server’s response, ${status}, has no header of an earlier refusal`,
    async (t) => {
      const { store } = await openStoreOf(t, 'embedded')
      await putUsers(store, { ada: await userOf('pw') })
      const server = await startOrigin(t, respond('', { 'remote-user': 'ada' }, status))
      const rules = {
        '/basic': { any: ['basic' as const] },
        '/both': { any: ['basic' as const, { forward: settingsFor(server.url) }] }
      }
      const { origin } = await startApp(t, { store }, rules, () => ({ clientIp: ADDRESS }))
      await failMany(store, 'both', { user: 'ada', clientIp: ADDRESS })
      const browser = new Browser(origin)
      const headers = basic('ada', 'wrong')
      // The first of many lets one in, and begins the wait.
      await browser.visit('/basic', { headers })
      const refused = await browser.visit('/basic', { headers })
      t.equal(refused.status, 429)
      t.match(refused.headers.get('retry-after'), /^[1-9]\d*$/)
      const response = await browser.visit('/both', { headers })
      t.equal(response.status, status)
      t.equal(response.headers.get('retry-after'), null)
      t.equal(server.requests.length, 1)
    }
  )
