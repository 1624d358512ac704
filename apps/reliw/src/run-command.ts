import { program } from './program.ts'
import { reportFailure } from './report-failure.ts'
import type { Shell } from './shell.ts'

/** Runs a command to its end, or starts a server. Errors are printed and set the exit code. */
export async function runCommand(words: readonly string[], shell: Shell): Promise<void> {
  try {
    await program(shell).parseAsync(words, { from: 'user' })
  } catch (error) {
    reportFailure(error, shell)
  }
}
