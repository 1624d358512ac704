import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { tempDir, waitFor } from '../src/index.ts'

t.test('a check is repeated until it succeeds', async (t) => {
  const answers = [undefined, false, null, 0]
  t.equal(await waitFor(() => answers.shift(), 'a number'), 0)
})

t.test('a check that throws is repeated', async (t) => {
  let attempts = 0
  const check = async (): Promise<string> => {
    attempts += 1
    if (attempts < 3) throw new Error('not yet')
    return 'now'
  }
  t.equal(await waitFor(check, 'now'), 'now')
})

t.test('a timeout names the awaited condition, with the last error as the cause', async (t) => {
  const error = new Error('no such thing')
  const never = async () => {
    throw error
  }
  await t.rejects(waitFor(never, 'a miracle', 20), {
    message: 'waited 20 ms for a miracle',
    cause: error
  })
  await t.rejects(
    waitFor(() => new Promise<true>(() => undefined), 'an answer', 20),
    /an answer/
  )
})

t.test('a temporary folder is gone with its test', async (t) => {
  let dir = ''
  await t.test('the test', async (t) => {
    dir = tempDir(t)
    writeFileSync(join(dir, 'file'), 'text')
  })
  t.notOk(existsSync(dir))
})
