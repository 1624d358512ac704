import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { respond, startOrigin, tempDir, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

const SECRET = 'what ada may read'

/** Other ways to write the path of what is at `/private/<name>`. */
function spellings(name: string): string[] {
  return [
    `//private/${name}`,
    `///private/${name}`,
    `/./private/${name}`,
    `/.//private/${name}`,
    `/././private/${name}`,
    `/private//${name}`,
    `/private/./${name}`,
    `/%70rivate/${name}`,
    `/x/../private/${name}`,
    `/x/%2e%2e/private/${name}`,
    `/%2e/private/${name}`,
    `/%2Fprivate/${name}`,
    `/private%2F${name}`,
    `/\\private/${name}`,
    `/x/..;/private/${name}`,
    `http://${HOST}/private/${name}`,
    `/?/../private/${name}`
  ]
}

/** A site that is open but for one folder, as the routes of many are: the first that matches answers. */
async function start(t: TestContext, rest: object = {}): Promise<ProtectedServer> {
  const dir = tempDir(t)
  mkdirSync(join(dir, HOST, 'private'), { recursive: true })
  writeFileSync(join(dir, HOST, 'private/file.txt'), SECRET)
  writeFileSync(join(dir, HOST, 'private/page.md'), SECRET)
  return startProtected(
    t,
    { private: { auth: ['ada'], ...rest }, rest: { try_extensions: true, ...rest } },
    {
      [`API:${HOST}`]: [
        ['/login', 'login', true],
        ['^/private', 'private'],
        ['^/', 'rest']
      ],
      [`FILES:${HOST}:/private/stored.txt`]: { content: SECRET }
    },
    { data_dir: dir }
  )
}

test('no spelling of a path bypasses the entry that guards its file', async (t) => {
  const { send } = await start(t)
  for (const name of ['file.txt', 'page', 'page.md', 'stored.txt']) {
    t.match(await send('GET', `/private/${name}`), /^HTTP\/1\.1 302 /)
    for (const path of spellings(name)) {
      const response = await send('GET', path)
      t.notOk(response.includes(SECRET), `${path}: ${response.slice(0, 12)}`)
    }
  }
})

/** A path as nginx, Apache and most frameworks see it. */
function plain(target: string): string {
  return target.replace(/\?.*/, '').replaceAll(/\/(\.?\/)+/g, '/')
}

test('no spelling of a path bypasses the entry that guards a part of an origin', async (t) => {
  const origin = await startOrigin(t, respond(SECRET))
  const { send } = await start(t, { proxy: { target: origin.url } })
  t.match(await send('GET', '/public'), SECRET)
  t.match(await send('GET', '/private/x'), /^HTTP\/1\.1 302 /)
  const before = origin.requests.length
  for (const path of spellings('x')) await send('GET', path)
  const reached = origin.requests.slice(before).map(({ target }) => target)
  t.strictSame(
    reached.filter((target) => plain(target).startsWith('/private')),
    []
  )
})
