import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { spellings } from '../../src/files/spellings.ts'
import { HOST, startSite } from './start-site.ts'

const NFC = 'gr\u00fc\u00dfe'
const NFD = 'gru\u0308\u00dfe'
const at = (...names: string[]): string => `/${names.map(encodeURIComponent).join('/')}`

t.test('names in NFC and NFD find each other on disk, the exact one first', async (t) => {
  const site = await startSite(t, { entry: { index: 'index.html', listing: true } })
  for (const [stored, requested] of [
    [NFC, NFD],
    [NFD, NFC]
  ] as const) {
    t.equal((await site.get(at(`${requested}.txt`))).status, 404)
    site.write(`${stored}.txt`, 'stored')
    t.equal((await site.get(at(`${requested}.txt`))).text, 'stored')
    site.write(`/__/${requested}.txt`, 'shared')
    t.equal((await site.get(at(`${requested}.txt`))).text, 'stored', 'the own folder comes first')
    site.write(`${requested}.txt`, 'exact')
    t.equal((await site.get(at(`${requested}.txt`))).text, 'exact')
    t.equal((await site.get(at(`${stored}.txt`))).text, 'stored')
    rmSync(join(site.dir, HOST, `${requested}.txt`))
    t.equal((await site.get(at(`${requested}.txt`))).text, 'stored')
    rmSync(join(site.dir, HOST, `${stored}.txt`))
    rmSync(join(site.dir, '__', `${requested}.txt`))
    t.equal((await site.get(at(`${requested}.txt`))).status, 404)
  }
})

t.test('directories and files may have different forms', async (t) => {
  const site = await startSite(t, { entry: { index: 'index.html', listing: true } })
  site.write(`${NFD}/${NFC}/${NFD}.txt`, 'text')
  site.write(`${NFD}/index.html`, 'index')
  t.equal((await site.get(at(NFC, NFC, `${NFC}.txt`))).text, 'text')
  t.equal((await site.get(at(NFC, NFD, `${NFC}.txt`))).text, 'text')
  t.equal((await site.get(`${at(NFC)}/`)).text, 'index')
  t.match(await site.get(at(NFC)), { status: 301, headers: { location: `${at(NFC)}/` } })
  const listing = await site.get(`${at(NFD, NFC)}/`)
  t.match(listing, { status: 200 })
  t.match(listing.text, `href="./${encodeURIComponent(NFD)}.txt"`)
  t.equal((await site.get(`${at(NFC, NFC)}/`)).status, 404, 'listings need the exact form')
})

t.test('a path in another form does not reach the files of another entry', async (t) => {
  const site = await startSite(t, {
    routes: [
      [`^/${NFC}/`, 'absent'],
      ['^/', 'all']
    ]
  })
  site.write(`${NFC}/a.txt`, 'private')
  site.write(`open/${NFC}.txt`, 'public')
  t.not((await site.get(at(NFC, 'a.txt'))).status, 200)
  t.equal((await site.get(at(NFD, 'a.txt'))).status, 404)
  t.equal((await site.get(at('open', `${NFD}.txt`))).text, 'public')
})

t.test('a bounded number of spellings is looked up', async (t) => {
  t.same(spellings(['a', 'b']), [['a', 'b']])
  t.same(spellings([NFC]), [[NFC], [NFD]])
  const many = spellings(Array.from({ length: 50 }, () => NFC))
  t.equal(many.length, 10)
  t.same(
    many[1],
    Array.from({ length: 50 }, () => NFD),
    'all in one form come first'
  )
  t.equal(new Set(many.map((names) => names.join('/'))).size, 10)
})
