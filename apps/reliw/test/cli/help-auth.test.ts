import t from 'tap'
import { createWorkplace } from './run-cli.ts'

/** Commands with commands of their own, and words that their help must contain. */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  user: {
    add: ['<host>', '<name>', '--groups', '--config', 'stdin'],
    passwd: ['<host>', '<name>', "end the user's sessions"],
    totp: ['--off', 'authenticator app'],
    del: ['sessions and API keys'],
    list: ['--json']
  },
  sessions: {
    list: ['--user', '--json'],
    revoke: ['[ids...]', '--user', '--all']
  },
  key: {
    add: ['<user>', '--name', '--groups', '--for', 'not shown again'],
    list: ['--json'],
    del: ['<id>']
  }
}

const { run } = createWorkplace(t)
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

t.test('every command about users has help', async (t) => {
  for (const [name, own] of Object.entries(COMMANDS)) {
    const { code, stderr, stdout } = await run([name, '--help'])
    t.strictSame([code, stderr], [0, ''], name)
    for (const command of Object.keys(own)) t.match(stdout, new RegExp(`^  ${command} `, 'm'))
    const explain = async ([command, words]: [string, readonly string[]]): Promise<void> => {
      const help = await run([name, command, '--help'])
      t.strictSame([help.code, help.stderr], [0, ''], `${name} ${command}`)
      const text = utf8(help.stdout).replaceAll(/\s+/g, ' ')
      t.match(text, `Usage: reliw ${name} ${command} `)
      for (const word of words) t.match(text, word)
    }
    await Promise.all(Object.entries(own).map(explain))
  }
})
