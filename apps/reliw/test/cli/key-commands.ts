import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import type { Workplace } from './run-cli.ts'

const BINARY = Buffer.from([0, 255, 10, 13, 128, 0])

/** What get, set, del and keys do, whatever the store stands on. */
export async function keyCommands(t: Test, place: Workplace): Promise<void> {
  const { dir, run, reliw } = place

  await t.test('a value is set, read, listed and deleted', async (t) => {
    await reliw('set', 'DATA:a.example:x', 'text')
    t.equal(await reliw('get', 'DATA:a.example:x'), 'text')
    t.equal(await reliw('get', 'RLW:DATA:a.example:x'), 'text')
    await reliw('set', 'TITLES:a.example', '/x', 'Title')
    t.equal(await reliw('get', 'TITLES:a.example', '/x'), 'Title')
    t.same(JSON.parse(await reliw('get', 'TITLES:a.example')), { '/x': 'Title' })
    const keys = (await reliw('keys')).trim().split('\n').toSorted()
    t.same(keys, ['RLW:DATA:a.example:x', 'RLW:TITLES:a.example'])
    t.equal(await reliw('keys', 'DATA:'), 'RLW:DATA:a.example:x\n')
    await reliw('del', 'DATA:a.example:x')
    await reliw('del', 'TITLES:a.example', '/x')
    t.equal(await reliw('keys'), '')
  })

  await t.test('a missing key or field is an error', async (t) => {
    for (const command of ['get', 'del']) {
      t.match(await run([command, 'DATA:none']), {
        code: 1,
        stderr: 'RLW:DATA:none does not exist in the store.\n'
      })
      t.match(await run([command, 'TITLES:none', 'f']), { code: 1, stderr: /RLW:TITLES:none f/ })
    }
    t.match(await run(['get', 'TITLES:none']), {
      code: 1,
      stderr: /RLW:TITLES:none does not exist/
    })
  })

  await t.test('bytes are read from a file and from stdin unchanged', async (t) => {
    writeFileSync(join(dir, 'bytes'), BINARY)
    await reliw('set', 'DATA:a.example:file', `@${join(dir, 'bytes')}`)
    t.equal(await reliw('get', 'DATA:a.example:file'), BINARY.toString('latin1'))
    t.match(await run(['set', 'DATA:a.example:stdin', '-'], BINARY), { code: 0 })
    t.equal(await reliw('get', 'DATA:a.example:stdin'), BINARY.toString('latin1'))
    t.match(await run(['set', 'FILES:a.example:/f', 'content', '-'], BINARY), { code: 0 })
    t.equal(await reliw('get', 'FILES:a.example:/f', 'content'), BINARY.toString('latin1'))
    t.match(await run(['set', 'DATA:x:y', '@none']), { code: 1, stderr: /none: .*ENOENT/ })
  })

  await t.test('an invalid value is refused and named, except with --no-check', async (t) => {
    const refusals: [string[], RegExp][] = [
      [['API:a.example', '[["["]]'], /^Invalid value of RLW:API:a.example: /],
      [['API:a.example:x', '{}'], /methods/],
      [['APi:a.example', '[]'], /Unknown key/],
      [['TITLES:a.example', 'x'], /hash/],
      [['DATA:a.example:x', 'two', 'words'], /hash/],
      [['DATA:a', 'b', 'c', 'd'], /quote a value/]
    ]
    const refused = refusals.map(async ([words, stderr]) => {
      t.match(await run(['set', ...words]), { code: 1, stdout: '', stderr }, words.join(' '))
    })
    await Promise.all(refused)
    t.match(await run(['get', 'API:a.example']), { code: 1 })
    await reliw('set', 'API:a.example', 'wrong', '--no-check')
    t.equal(await reliw('get', 'API:a.example'), 'wrong')
  })

  await t.test('a value with a TTL expires', async (t) => {
    await reliw('set', 'DATA:a.example:short', 'x', '--ttl', '0.2')
    await waitFor(async () => (await run(['get', 'DATA:a.example:short'])).code === 1, 'the end')
    const wrong = ['soon', '0', '-1'].map(async (ttl) => {
      const outcome = await run(['set', 'DATA:a.example:x', 'y', `--ttl=${ttl}`])
      t.match(
        outcome,
        { code: 1, stderr: '--ttl: expected a number of seconds, such as 600.\n' },
        ttl
      )
    })
    await Promise.all(wrong)
  })
}
