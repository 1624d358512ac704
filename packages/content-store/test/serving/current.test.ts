import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

for (const raw of [true, false]) {
  t.test(`a request gets the file as it is at that moment (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    const now = async () => {
      const { status, text } = await site.get('/a.txt')
      return status === 200 ? text : status
    }
    t.equal(await now(), 404)
    const file = site.write('a.txt', 'created')
    t.equal(await now(), 'created')
    t.equal(await now(), 'created')
    writeFileSync(file, 'written')
    t.equal(await now(), 'written')
    appendFileSync(file, ' more')
    t.equal(await now(), 'written more')
    renameSync(site.write('b.txt', 'replaced'), file)
    t.equal(await now(), 'replaced')
    unlinkSync(file)
    t.equal(await now(), 404)
    site.write('/__/a.txt', 'for all')
    t.equal(await now(), 'for all')
    t.equal(await now(), 'for all')
    site.write('a.txt', 'of the host')
    t.equal(await now(), 'of the host')
    rmSync(join(site.dir, HOST), { recursive: true })
    t.equal(await now(), 'for all')
  })
}

t.test('directories that appear, disappear or are replaced are noticed', async (t) => {
  const site = await startSite(t)
  const now = async () => {
    const { status, text } = await site.get('/one/two/a.txt')
    return status === 200 ? text : status
  }
  const one = join(site.dir, HOST, 'one')
  t.equal(await now(), 404)
  site.write('one/two/a.txt', 'first')
  t.equal(await now(), 'first')
  t.equal(await now(), 'first')
  site.write('new/two/a.txt', 'second')
  renameSync(one, `${one}.old`)
  t.equal(await now(), 404)
  renameSync(join(site.dir, HOST, 'new'), one)
  t.equal(await now(), 'second')
  writeFileSync(join(one, 'two/a.txt'), 'third')
  t.equal(await now(), 'third')
  rmSync(one, { recursive: true })
  symlinkSync('one.old', one)
  t.equal(await now(), 'first')
  unlinkSync(one)
  t.equal(await now(), 404)
})

t.test('data_dir may be created later, and be replaced', async (t) => {
  const dir = join(tempDir(t), 'srv/www')
  const site = await startSite(t, { data_dir: dir })
  const now = async () => {
    const { status, text } = await site.get('/a.txt')
    return status === 200 ? text : status
  }
  t.equal(await now(), 404)
  site.write('a.txt', 'first')
  t.equal(await now(), 'first')
  t.equal(await now(), 'first')
  renameSync(dir, `${dir}.old`)
  t.equal(await now(), 404)
  mkdirSync(join(`${dir}.new`, HOST), { recursive: true })
  writeFileSync(join(`${dir}.new`, HOST, 'a.txt'), 'second')
  symlinkSync(`${dir}.new`, dir)
  t.equal(await now(), 'second')
  t.equal(await now(), 'second')
  symlinkSync(`${dir}.old`, `${dir}.link`)
  renameSync(`${dir}.link`, dir)
  t.equal(await now(), 'first')
})

t.test('two writes of the same size within a clock tick are both served', async (t) => {
  const site = await startSite(t)
  const file = site.write('a.txt', 'start')
  let wrong = 0
  for (let n = 10_000; n < 10_300; n++) {
    writeFileSync(file, String(n))
    if (n % 2 === 0) utimesSync(file, 1, 1)
    if ((await site.get('/a.txt')).text !== String(n)) wrong++
  }
  t.equal(wrong, 0)
})

t.test(
  'every request after a write gets the new content, also with many requests at once',
  async (t) => {
    const site = await startSite(t)
    const files = Array.from({ length: 20 }, (_, n) => site.write(`${n}.txt`, 'start'))
    let wrong = 0
    for (let turn = 0; turn < 25; turn++) {
      const responses = files.map(async (file, n) => {
        writeFileSync(file, `turn ${turn}`)
        if ((await site.get(`/${n}.txt`)).text !== `turn ${turn}`) wrong++
      })
      await Promise.all(responses)
    }
    t.equal(wrong, 0)
  }
)
