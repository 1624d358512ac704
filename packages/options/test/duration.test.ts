import t from 'tap'
import { Duration, InvalidOptions, parseOptions } from '../src/index.ts'

t.test('a number of seconds becomes milliseconds', async (t) => {
  t.equal(Duration.parse(0), 0)
  t.equal(Duration.parse(15), 15_000)
  t.equal(Duration.parse(0.25), 250)
  t.equal(Duration.parse(1.1), 1_100, 'in spite of binary fractions')
})

t.test('a string with a unit becomes milliseconds', async (t) => {
  t.equal(Duration.parse('500ms'), 500)
  t.equal(Duration.parse('30s'), 30_000)
  t.equal(Duration.parse('5m'), 300_000)
  t.equal(Duration.parse('2h'), 7_200_000)
  t.equal(Duration.parse('1d'), 86_400_000)
  t.equal(Duration.parse('0s'), 0)
})

t.test('an invalid duration is refused', async (t) => {
  const refused = ['', '30', 's', '5 minutes', '-1s', '1.5h', '1h30m', '1S', ' 1s', '1s\n', '9e9s']
  for (const input of refused) t.notOk(Duration.safeParse(input).success, JSON.stringify(input))
  for (const input of [-1, Number.NaN, Number.POSITIVE_INFINITY, null, true]) {
    t.notOk(Duration.safeParse(input).success, String(input))
  }
})

t.test('a duration beyond the safe integers is refused', async (t) => {
  t.notOk(Duration.safeParse('999999999999d').success)
  t.notOk(Duration.safeParse(`${'9'.repeat(400)}s`).success)
  t.notOk(Duration.safeParse(1e300).success)
})

t.test('every issue of a duration says what is expected', async (t) => {
  for (const input of ['5 minutes', -1, true]) {
    t.throws(() => parseOptions('test', Duration, input), {
      constructor: InvalidOptions,
      message: /expected seconds, e\.g\. 30, or a duration/
    })
  }
})
