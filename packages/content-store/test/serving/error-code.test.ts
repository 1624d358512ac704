import t from 'tap'
import { NotFound } from '../../src/errors.ts'
import { errorCodeOf } from '../../src/serving/error-code.ts'

t.test('an error is logged by its code, else by its name', async (t) => {
  t.equal(errorCodeOf(new NotFound()), 'RELIW_CONTENT_NOT_FOUND')
  t.equal(errorCodeOf(Object.assign(new Error('x'), { code: 'EMFILE' })), 'EMFILE')
  t.equal(errorCodeOf(new TypeError('x')), 'TypeError')
})

t.test('security: a value that is not a code is not logged', async (t) => {
  for (const code of [7, '', 'a "b"', 'a', 'X'.repeat(65), 'A\nB', {}])
    t.equal(errorCodeOf({ code, name: 'Error' }), 'Error')
  for (const name of [undefined, 'a "b"', '', 'X'.repeat(65), 'A\n'])
    t.equal(errorCodeOf({ name }), undefined)
})
