import { hash } from 'node:crypto'
import t from 'tap'
import { HOST } from '../protected-site.ts'
import { createAuthPlace } from './auth-place.ts'

const place = await createAuthPlace(t)
const { run, reliw, send, set, audit, written, served } = place

async function status(key: string): Promise<string> {
  return (await send('GET', '/api', `Authorization: Bearer ${key.trim()}`)).slice(9, 12)
}

const id = (line: string): string => line.split(' ', 1)[0] ?? ''

await t.test('a new key is valid at once, a deleted one is refused', async (t) => {
  const [key, short] = await Promise.all([
    reliw('key', 'add', HOST, 'a program', '--name', 'nightly job', '--groups', 'robots'),
    reliw('key', 'add', HOST, 'bob', '--for', '1h')
  ])
  for (const printed of [key, short])
    t.match(printed, /^rlw_[\w-]{43}\n$/, 'nothing else is printed')
  t.strictSame([await status(key), await status(short)], ['200', '200'])
  t.match(await audit('key added'), { vhost: HOST, user: /./, key: /^[0-9a-f]{12}$/ })

  const [table, json] = await Promise.all([
    reliw('key', 'list', HOST),
    reliw('key', 'list', HOST, '--json')
  ])
  const [head, ...rows] = table.trim().split('\n')
  t.match(head, /^id +user +groups +name +since +expires +state$/)
  const row = rows.find((line) => line.includes('a program')) ?? ''
  t.match(row, /^[0-9a-f]{12} +a program +robots +nightly job +\d{4}-\S+Z +never +good$/)
  t.match(
    rows.find((line) => line.includes('bob')),
    /Z +\d{4}-\S+Z +good$/
  )
  t.match(JSON.parse(json), { keys: [{ created: Number }, { created: Number }] })

  t.equal(await reliw('key', 'del', HOST, id(row)), `The key ${id(row)} was deleted.\n`)
  t.strictSame([await status(key), await status(short)], ['401', '200'])
  t.match(await audit('key deleted'), { vhost: HOST, key: id(row) })
  t.match(await run(['key', 'del', HOST, id(row)]), {
    code: 1,
    stdout: '',
    stderr: `${HOST} has no API key ${id(row)}.\n`
  })
  for (const printed of [key, short]) {
    t.equal(written().split(printed.trim()).length, 2, 'printed once, never logged')
    t.notOk(JSON.stringify(served.log).includes(printed.trim().slice(4)))
  }
})

/** Changes the value of a key that was made last. */
async function change(key: string, fields: object): Promise<void> {
  const name = hash('sha256', key.trim(), 'hex')
  const value = JSON.parse(await reliw('get', `KEYS:${HOST}`, name)) as object
  await set(`KEYS:${HOST}`, { [name]: JSON.stringify({ ...value, ...fields }) })
}

await t.test('expired and invalid keys are refused', async (t) => {
  const [expired, wrong] = await Promise.all([
    reliw('key', 'add', HOST, 'bob', '--name', 'old'),
    reliw('key', 'add', HOST, 'bob', '--name', 'wrong one')
  ])
  t.strictSame([await status(expired), await status(wrong)], ['200', '200'])
  await change(expired, { expires: Date.now() - 1 })
  await change(wrong, { user: 7 })
  t.strictSame([await status(expired), await status(wrong)], ['401', '500'])
  const list = await reliw('key', 'list', HOST)
  t.match(list, / old +\S+Z +\S+Z +expired\n/)
  const row = /^([0-9a-f]{12}) +- +- +- +- +- +wrong$/m.exec(list)
  await reliw('key', 'del', HOST, row?.[1] ?? 'none')
  t.equal(await status(wrong), '401')
  t.equal(await served.stop(), 0)
})
