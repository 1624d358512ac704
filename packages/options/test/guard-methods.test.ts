import t from 'tap'
import { guarded, guardMethods, guardPromise } from '../src/index.ts'

t.test('what a guarded method throws ends its object, not its caller', async (t) => {
  const ended: unknown[] = []
  class Three {
    add(a: number, b: number, c: number): number {
      if (c < 0) throw new Error('negative')
      return a + b + c
    }
  }
  guardMethods(Three, (self, error) => void ended.push(self, error))
  const three = new Three()
  t.equal(three.add(1, 2, 3), 6)
  t.equal(three.add(1, 2, -3), undefined)
  t.match(ended, [three, { message: 'negative' }])
})

t.test('a method of more than three parameters cannot be guarded', async (t) => {
  class Four {
    add(a: number, b: number, c: number, d: number): number {
      return a + b + c + d
    }
  }
  t.throws(() => guardMethods(Four, () => undefined), /add: more than three/)
})

t.test('onThrow receives the arguments of the function that threw', async (t) => {
  const ended: unknown[] = []
  const call = guarded(
    (_name: string, _count: number) => {
      throw new Error('thrown')
    },
    (...all) => void ended.push(...all)
  )
  call('a', 1)
  t.match(ended, [{ message: 'thrown' }, 'a', 1])
})

t.test('the rejection of a guarded promise does not end the process', async (t) => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  guardPromise(Promise.reject(new Error('rejected')), resolve)
  t.match(await promise, { message: 'rejected' })
})
