import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const WORDS: Readonly<Record<string, readonly string[]>> = {
  list: ['[host]', '"__" for the rules of all hosts', '--json', '--config'],
  set: ['<host> <rules>', '"@file"', 'stdin', 'in force for the next request'],
  test: ['--host <host>', '--url <target>', '--header', '--method', '--json']
}

const { run } = createWorkplace(t)

t.test('every command about rules has help', async (t) => {
  const { code, stderr, stdout } = await run(['waf', '--help'])
  t.same([code, stderr], [0, ''])
  for (const command of Object.keys(WORDS)) t.match(stdout, new RegExp(`^  ${command} `, 'm'))
  const explain = async ([command, words]: [string, readonly string[]]): Promise<void> => {
    const help = await run(['waf', command, '--help'])
    t.same([help.code, help.stderr], [0, ''], command)
    const text = help.stdout.replaceAll(/\s+/g, ' ')
    t.match(text, `Usage: reliw waf ${command} `)
    for (const word of words) t.match(text, word)
  }
  await Promise.all(Object.entries(WORDS).map(explain))
  t.match(await run(['waf', 'lsit']), { code: 1, stdout: '', stderr: /Did you mean list\?/ })
})
