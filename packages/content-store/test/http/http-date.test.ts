import t from 'tap'
import { httpDate, parseHttpDate } from '../../src/http/http-date.ts'

const instant = Date.UTC(1994, 10, 6, 8, 49, 37)
const now = Date.UTC(2026, 10, 15)

t.test('a date is written in the preferred format, without fractions', async (t) => {
  t.equal(httpDate(instant), 'Sun, 06 Nov 1994 08:49:37 GMT')
  t.equal(httpDate(instant + 999), 'Sun, 06 Nov 1994 08:49:37 GMT')
  t.equal(httpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT')
})

const valid: [text: string, ms: number][] = [
  ['Sun, 06 Nov 1994 08:49:37 GMT', instant],
  ['Sunday, 06-Nov-94 08:49:37 GMT', instant],
  ['Sun Nov  6 08:49:37 1994', instant],
  ['Sun Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
  ['Thu, 29 Feb 2024 23:59:59 GMT', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
  ['Wednesday, 31-Dec-25 23:59:59 GMT', Date.UTC(2025, 11, 31, 23, 59, 59)],
  ['Sun, 01 Jan 0094 00:00:00 GMT', Date.parse('0094-01-01T00:00:00Z')]
]

t.test('all three formats are read', async (t) => {
  for (const [text, ms] of valid) t.equal(parseHttpDate(text, now), ms, text)
})

t.test('a written date is read back', async (t) => {
  for (let month = 0; month < 12; month++) {
    const ms = Date.UTC(2026, month, 28, 12, 34, 56)
    t.equal(parseHttpDate(httpDate(ms)), ms)
  }
})

const years: [text: string, now: number, year: number][] = [
  ['Sunday, 01-Jan-76 00:00:00 GMT', now, 2076],
  ['Sunday, 15-Nov-76 00:00:00 GMT', now, 2076],
  ['Sunday, 16-Nov-76 00:00:00 GMT', now, 1976],
  ['Sunday, 01-Jan-77 00:00:00 GMT', now, 1977],
  ['Sunday, 01-Jan-00 00:00:00 GMT', now, 2000],
  ['Sunday, 01-Jan-05 00:00:00 GMT', Date.UTC(2095, 0, 1), 2105],
  ['Sunday, 01-Jan-95 00:00:00 GMT', Date.UTC(2000, 0, 1), 1995],
  ['Tuesday, 29-Feb-00 00:00:00 GMT', Date.UTC(2060, 0, 1), 2000]
]

t.test('a year of two digits is never more than 50 years ahead', async (t) => {
  for (const [text, now, year] of years) {
    const ms = parseHttpDate(text, now)
    t.equal(ms === undefined ? ms : new Date(ms).getUTCFullYear(), year, text)
  }
})

const invalid = [
  '',
  'x',
  '0',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'sun, 06 nov 1994 08:49:37 gmt',
  'Son, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Now 1994 08:49:37 GMT',
  'Sun, 31 Nov 1994 08:49:37 GMT',
  'Sun, 00 Nov 1994 08:49:37 GMT',
  'Wed, 29 Feb 2023 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:37 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'Sun, 06 Nov 94 08:49:37 GMT',
  'Sun, 06-Nov-94 08:49:37 GMT',
  'Sunday, 06-Nov-1994 08:49:37 GMT',
  'Sun Nov 6 08:49:37 1994',
  'Sun Nov  6 08:49:37 1994 GMT',
  ' Sun, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT; length=1',
  'S'.repeat(100_000)
]

t.test('anything else is no date', async (t) => {
  for (const text of invalid) t.equal(parseHttpDate(text, now), undefined, text.slice(0, 50))
})
