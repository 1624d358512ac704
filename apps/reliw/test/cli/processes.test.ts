// What a command has of its process. All other tests of commands run them in their own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { CLI, createWorkplace } from './run-cli.ts'

const BINARY = Buffer.from([0, 255, 10, 13, 128, 0])
const { runAlone } = createWorkplace(t)

t.test('bytes come from stdin and go to stdout as they are', async (t) => {
  const set = await runAlone(['set', 'DATA:a.example:x', '-'], BINARY)
  t.same(set, { code: 0, stdout: '', stderr: '' })
  const get = await runAlone(['get', 'DATA:a.example:x'])
  t.same(get, { code: 0, stdout: BINARY.toString('latin1'), stderr: '' })
})

t.test('the exit code tells of a failure, whoever says it', async (t) => {
  const none = { code: 1, stdout: '', stderr: 'There is no RLW:DATA:none.\n' }
  t.same(await runAlone(['get', 'DATA:none']), none)
  t.match(await runAlone(['sevre']), { code: 1, stdout: '', stderr: /Did you mean serve\?/ })
  t.match(await runAlone(['check', 'none.json']), { code: 1, stdout: '', stderr: /ENOENT/ })
  t.match(await runAlone(['check', '--help']), { code: 0, stdout: /^Usage: reliw check/ })
})

t.test('a program that has read enough of the output ends the command quietly', async (t) => {
  const child = spawn(process.execPath, ['--conditions=@reliw/source', CLI, '--help'])
  child.stdout.destroy()
  t.same(await Promise.all([once(child, 'exit'), text(child.stderr)]), [[0, null], ''])
})
