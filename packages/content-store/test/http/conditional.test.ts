import t from 'tap'
import { notModified, preconditionFailed } from '../../src/http/conditional.ts'
import type { ConditionalHeaders } from '../../src/http/conditional.ts'

const etag = '"a"'
const before = 'Sun, 06 Nov 1994 08:49:36 GMT'
const same = 'Sun, 06 Nov 1994 08:49:37 GMT'
const after = 'Sun, 06 Nov 1994 08:49:38 GMT'
const lastModified = Date.parse(same) + 500

type Case = [headers: ConditionalHeaders, expected: boolean]

const notModifiedCases: Case[] = [
  [{}, false],
  [{ 'if-none-match': '"a"' }, true],
  [{ 'if-none-match': 'W/"a", "b"' }, true],
  [{ 'if-none-match': '*' }, true],
  [{ 'if-none-match': '"b"' }, false],
  [{ 'if-none-match': '' }, false],
  [{ 'if-modified-since': before }, false],
  [{ 'if-modified-since': same }, true],
  [{ 'if-modified-since': after }, true],
  [{ 'if-modified-since': 'yesterday' }, false],
  [{ 'if-modified-since': '' }, false],
  [{ 'if-none-match': '"b"', 'if-modified-since': after }, false],
  [{ 'if-none-match': '"a"', 'if-modified-since': before }, true],
  [{ 'if-match': '"a"', 'if-unmodified-since': same }, false]
]

t.test('content is not modified by its tag, else by its date', async (t) => {
  for (const [headers, expected] of notModifiedCases) {
    t.equal(notModified(headers, etag, lastModified), expected, JSON.stringify(headers))
  }
})

const preconditionCases: Case[] = [
  [{}, false],
  [{ 'if-match': '"a"' }, false],
  [{ 'if-match': '*' }, false],
  [{ 'if-match': '"b", "a"' }, false],
  [{ 'if-match': '"b"' }, true],
  [{ 'if-match': 'W/"a"' }, true],
  [{ 'if-match': '' }, true],
  [{ 'if-unmodified-since': before }, true],
  [{ 'if-unmodified-since': same }, false],
  [{ 'if-unmodified-since': after }, false],
  [{ 'if-unmodified-since': 'yesterday' }, false],
  [{ 'if-match': '"a"', 'if-unmodified-since': before }, false],
  [{ 'if-match': '"b"', 'if-unmodified-since': after }, true],
  [{ 'if-none-match': '"a"', 'if-modified-since': after }, false]
]

t.test('a precondition fails by the tag, else by the date', async (t) => {
  for (const [headers, expected] of preconditionCases) {
    t.equal(preconditionFailed(headers, etag, lastModified), expected, JSON.stringify(headers))
  }
})

t.test('dates decide nothing about content without a date', async (t) => {
  t.equal(notModified({ 'if-modified-since': after }, etag), false)
  t.equal(preconditionFailed({ 'if-unmodified-since': before }, etag), false)
})
