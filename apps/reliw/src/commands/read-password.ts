import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from '../report-failure.ts'
import type { Shell } from '../shell.ts'

/**
 * Reads a new password: prompts for it twice without echo on a terminal, else takes the first line of stdin. security: never an
 * argument, which other users of the machine could see.
 *
 * @throws UsageError when the two entries differ
 */
export async function readPassword(shell: Shell): Promise<string> {
  if (shell.stdin.isTTY) return askTwice(shell)
  return (await text(shell.stdin)).split(/\r?\n/, 1)[0] ?? ''
}

async function askTwice(shell: Shell): Promise<string> {
  const first = await ask(shell, 'Password: ')
  if ((await ask(shell, 'Repeat password: ')) !== first)
    throw new UsageError('The passwords do not match.')
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
