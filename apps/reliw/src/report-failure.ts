import { CommanderError } from 'commander'
import { ConfigError } from './config-error.ts'
import type { Shell } from './shell.ts'

/** An error in the use of a command. The message is enough; a stack trace would not help. */
export class UsageError extends Error {}

/** Prints an error to stderr, unless commander has, and sets the exit code to 1 or commander's. */
export function reportFailure(error: unknown, shell: Shell): void {
  const said = error instanceof CommanderError
  shell.exitCode = said ? error.exitCode : 1
  if (!said) for (const line of explain(error)) shell.stderr.write(`${line}\n`)
}

function explain(error: unknown): string[] {
  if (error instanceof ConfigError)
    return [error.message, ...error.issues.map((line) => `  ${line}`)]
  if (!(error instanceof Error)) return [String(error)]
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return [
      `${error.message}. Is RELIW running already? Else choose another --port; 0: any free port.`
    ]
  if (code === 'ENXIO')
    return [`${error.message}. A named pipe must have a reader when the server starts.`]
  // The message of a system error contains the file or address.
  if (syscall !== undefined) return [error.message]
  if (error instanceof UsageError || code?.startsWith('RELIW_')) return [error.message]
  return [error.stack ?? error.message]
}
