import t from 'tap'
import { isWeak, matchesIfMatch, matchesIfNoneMatch, strongEtag } from '../../src/http/etag.ts'

t.test('an etag is the quoted SHA-256 of the bytes', async (t) => {
  t.equal(
    strongEtag(Buffer.from('abc')),
    '"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"'
  )
  t.not(strongEtag(Buffer.from('a')), strongEtag(Buffer.from('b')))
})

t.test('only the exact prefix makes an etag weak', async (t) => {
  t.ok(isWeak('W/"a"'))
  t.notOk(isWeak('"W/a"'))
  t.notOk(isWeak('w/"a"'))
})

const ifNoneMatch: [header: string, etag: string, matches: boolean][] = [
  ['"a"', '"a"', true],
  ['"b"', '"a"', false],
  ['*', '"a"', true],
  [' * ', '"a"', true],
  ['"*"', '"a"', false],
  ['W/"a"', '"a"', true],
  ['"a"', 'W/"a"', true],
  ['W/"a"', 'W/"a"', true],
  ['"b", "a"', '"a"', true],
  ['"b","a"', '"a"', true],
  ['  "b" ,\t W/"a"  ', '"a"', true],
  [',, "b",, "a",', '"a"', true],
  ['"b, "a", c"', '"a"', false],
  ['"x,y", "a"', '"a"', true],
  ['"x,y"', '"x,y"', true],
  ['"x,y"', '"y"', false],
  ['"", "a"', '"a"', true],
  ['""', '"a"', false],
  ['"A"', '"a"', false],
  ['a', '"a"', false],
  ['"a', '"a"', false],
  ['a"', '"a"', false],
  ['"ab"', '"a"', false],
  ['', '"a"', false]
]

t.test('If-None-Match is compared weakly, tag by tag', async (t) => {
  for (const [header, etag, matches] of ifNoneMatch) {
    t.equal(matchesIfNoneMatch(header, etag), matches, `${header} and ${etag}`)
  }
})

const ifMatch: [header: string, etag: string, matches: boolean][] = [
  ['"a"', '"a"', true],
  ['*', '"a"', true],
  ['*', 'W/"a"', true],
  ['"b", "a"', '"a"', true],
  ['W/"a"', '"a"', false],
  ['W/"a", "a"', '"a"', true],
  ['"a"', 'W/"a"', false],
  ['W/"a"', 'W/"a"', false],
  ['"b"', '"a"', false],
  ['', '"a"', false]
]

t.test('If-Match is compared strongly, tag by tag', async (t) => {
  for (const [header, etag, matches] of ifMatch) {
    t.equal(matchesIfMatch(header, etag), matches, `${header} and ${etag}`)
  }
})

t.test('hostile headers match nothing', async (t) => {
  for (const part of ['"', '","', 'W/', 'W/"', '"a', ',', ' ']) {
    t.equal(matchesIfNoneMatch(part.repeat(16_000), '"b"'), false, part)
  }
})
