import { tempDir } from '@reliw/testing'
import t from 'tap'
import { openStore } from '../src/index.ts'

const GET = { methods: { GET: true } }
const PROXY = { target: 'localhost:3000' }

t.test('a value with a field without effect is served, and reported once', async (t) => {
  const log: { fields: object; message: string }[] = []
  const note = (fields: object, message: string): void => void log.push({ fields, message })
  const store = await openStore({ dir: tempDir(t) }, { info: note, warn: note, error: note })
  t.teardown(async () => store.close())
  const entry = store.keys.entry('a.example', 'x')
  const site = store.keys.settings('a.example')
  const told = (): unknown[] => log.filter(({ message }) => message.includes('without effect'))
  const write = async (key: string, value: unknown): Promise<void> => {
    await store.driver.write([{ op: 'set', key, value: JSON.stringify(value) }])
  }
  const policy = { name: 'p', limit: 1, period: 1 }
  await write(entry, { ...GET, proxy: PROXY, title: 'x' })
  await write(site, { rate_limits: [policy, { ...policy, name: 'q', scope: 'route' }] })
  t.equal((await store.sites.entry('a.example', 'x'))?.title, 'x')
  t.match(told(), [{ fields: { store: { key: entry, mistake: /^title: / } } }])
  await write(entry, { ...GET, proxy: PROXY, title: 'x', css_file: '/y' })
  t.equal((await store.sites.entry('a.example', 'x'))?.css_file, '/y')
  t.equal(told().length, 1, 'the same once more')

  t.equal((await store.sites.settings('a.example')).rate_limits.length, 2)
  t.equal(told().length, 1, 'entries may count it')
  await write(store.keys.proxy('a.example'), PROXY)
  t.equal((await store.sites.settings('a.example')).rate_limits.length, 2)
  t.match(told()[1], {
    fields: { store: { key: site, mistake: /^rate_limits\[1\]\.scope: .*"host"/ } }
  })
})
