import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from '../report-failure.ts'
import type { Shell } from '../shell.ts'

/** The shortest password that is taken (NIST SP 800-63B 3.1.1.2). */
const SHORTEST = 8
/** In bytes: a login does not look at longer ones. */
const LONGEST = 1024

/**
 * A new password: asked for twice on a terminal, without showing it, else the first line of stdin. Never an
 * argument, which others of the machine could see.
 *
 * @throws UsageError when it is too short or too long, or the two differ
 */
export async function readPassword(shell: Shell): Promise<string> {
  const password = shell.stdin.isTTY
    ? await askTwice(shell)
    : ((await text(shell.stdin)).split(/\r?\n/, 1)[0] ?? '')
  if (password.length < SHORTEST) {
    throw new UsageError(`A password has at least ${SHORTEST} characters.`)
  }
  if (Buffer.byteLength(password) > LONGEST) {
    throw new UsageError(`A password has at most ${LONGEST} bytes.`)
  }
  return password
}

async function askTwice(shell: Shell): Promise<string> {
  const first = await ask(shell, 'Password: ')
  if ((await ask(shell, 'Again: ')) !== first) throw new UsageError('The two are not the same.')
  return first
}

async function ask(shell: Shell, question: string): Promise<string> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: shell.stdin, output, terminal: true })
  terminal.on('SIGINT', () => process.exit(130))
  shell.stderr.write(question)
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    shell.stderr.write('\n')
  }
}
