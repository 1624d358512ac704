import { queryObjects } from 'node:v8'
import t from 'tap'
import { weakMemoize } from '../src/weak-memoize.ts'

class Compiled {
  readonly of: object
  constructor(of: object) {
    this.of = of
  }
}

t.test('a value is made once per object', async (t) => {
  let made = 0
  const compile = weakMemoize((source: { text: string }) => {
    made += 1
    return source.text.length
  })
  const [one, other] = [{ text: '' }, { text: '' }]
  t.equal(compile(one), 0)
  t.equal(compile(one), 0)
  t.equal(made, 1, 'also where the value is falsy')
  compile(other)
  t.equal(made, 2, 'an equal object is another')
})

t.test('what cannot be made is made again at the next call', async (t) => {
  let isBroken = true
  const compile = weakMemoize((_source: object, name: string) => {
    if (isBroken) throw new Error(name)
    return name
  })
  const source = {}
  t.throws(() => compile(source, 'a'), { message: 'a' })
  t.throws(() => compile(source, 'b'), { message: 'b' })
  isBroken = false
  t.equal(compile(source, 'c'), 'c')
})

t.test('what was made is released with its object, even if it refers to that', async (t) => {
  const compile = weakMemoize((source: object) => new Compiled(source))
  const stays = {}
  const compiled = compile(stays)
  for (let count = 0; count < 10_000; count++) compile({ count })
  await new Promise(setImmediate)
  t.equal(queryObjects(Compiled, { format: 'count' }), 1)
  t.equal(compile(stays), compiled)
})
