// What a command has of its process. All other tests of commands run them in their own.

import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const BINARY = Buffer.from([0, 255, 10, 13, 128, 0])
const { runAlone } = createWorkplace(t)

t.test('bytes are read from stdin and written to stdout unchanged', async (t) => {
  const set = await runAlone(['set', 'DATA:a.example:x', '-'], BINARY)
  t.same(set, { code: 0, stdout: '', stderr: '' })
  const get = await runAlone(['get', 'DATA:a.example:x'])
  t.same(get, { code: 0, stdout: BINARY.toString('latin1'), stderr: '' })
})

t.test('every failure sets the exit code', async (t) => {
  const none = { code: 1, stdout: '', stderr: 'RLW:DATA:none does not exist in the store.\n' }
  t.same(await runAlone(['get', 'DATA:none']), none)
  t.match(await runAlone(['sevre']), { code: 1, stdout: '', stderr: /Did you mean serve\?/ })
  t.match(await runAlone(['check', 'none.json']), { code: 1, stdout: '', stderr: /ENOENT/ })
  t.match(await runAlone(['check', '--help']), { code: 0, stdout: /^Usage: reliw check/ })
})

t.test('a command completes although its output is no longer read', async (t) => {
  const { dir, reliw, spawn } = createWorkplace(t)
  for (const host of ['a.example', 'b.example']) await reliw('set', `API:${host}`, '[]')
  writeFileSync(join(dir, 'bad.json'), '{"prot": 1}')
  for (const [words, code] of [
    [['--help'], 0],
    [['export', '--out', 'out'], 0],
    [['check', 'bad.json', '--json'], 1]
  ] as const) {
    const child = spawn([...words])
    child.stdout?.destroy()
    const said = text(child.stderr ?? Readable.from([]))
    t.same(await Promise.all([once(child, 'exit'), said]), [[code, null], ''], words.join(' '))
  }
  for (const host of ['a.example', 'b.example']) t.ok(existsSync(join(dir, 'out', host)), host)
})
