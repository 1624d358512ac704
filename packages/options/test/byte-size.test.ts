import t from 'tap'
import { ByteSize } from '../src/index.ts'

t.test('a number is bytes', async (t) => {
  t.equal(ByteSize.parse(0), 0)
  t.equal(ByteSize.parse(5_242_880), 5_242_880)
})

t.test('a string is bytes or carries a decimal or binary unit', async (t) => {
  t.equal(ByteSize.parse('512'), 512)
  t.equal(ByteSize.parse('512B'), 512)
  t.equal(ByteSize.parse('10kB'), 10_000)
  t.equal(ByteSize.parse('5MB'), 5_000_000)
  t.equal(ByteSize.parse('3GB'), 3_000_000_000)
  t.equal(ByteSize.parse('1TB'), 1_000_000_000_000)
  t.equal(ByteSize.parse('64KiB'), 65_536)
  t.equal(ByteSize.parse('5MiB'), 5_242_880)
  t.equal(ByteSize.parse('1GiB'), 1_073_741_824)
  t.equal(ByteSize.parse('2TiB'), 2_199_023_255_552)
})

t.test('an invalid or inexact size is refused', async (t) => {
  const refused = ['', 'MiB', '1.5MiB', '-1', '1 MiB', '1KB', '1kiB', '1m', '1e3', '99999999TiB']
  for (const input of refused) t.notOk(ByteSize.safeParse(input).success, JSON.stringify(input))
  for (const input of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, null, true]) {
    t.notOk(ByteSize.safeParse(input).success, String(input))
  }
})
