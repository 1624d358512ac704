import t from 'tap'
import { compilePattern, fromByteString, toByteString } from '../src/index.ts'

t.test('text becomes one character for each UTF-8 byte', async (t) => {
  t.equal(toByteString('plain'), 'plain')
  t.equal(toByteString('é€😀'), '\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80')
  t.equal(toByteString('\ud800'), '\xef\xbf\xbd', 'a lone surrogate is replaced')
})

t.test('bytes become text again', async (t) => {
  for (const text of ['', 'plain', 'é', '€', '😀', 'a\0é']) {
    t.equal(fromByteString(toByteString(text)), text)
  }
  t.equal(fromByteString('a\xc3'), 'a\ufffd', 'what is not UTF-8 is replaced')
})

t.test('a pattern works on the bytes of text', async (t) => {
  const pattern = compilePattern(toByteString('^/é(.)'))
  const match = pattern.match(toByteString('/éß'))
  t.equal(match?.end, 4)
  t.same(match?.captures, ['\xc3'])
  const { result } = compilePattern('/').gsub(toByteString('ä/ö'), toByteString('–'))
  t.equal(fromByteString(result), 'ä–ö')
})
