import { CommanderError } from 'commander'
import { ConfigError } from './config-error.ts'
import type { Shell } from './shell.ts'

/** A mistake of the person at the keyboard: the message says all, a stack would say nothing. */
export class UsageError extends Error {}

/** Says on stderr what went wrong, unless commander has, and makes the process end with 1. */
export function reportFailure(error: unknown, shell: Shell): void {
  const said = error instanceof CommanderError
  shell.exitCode = said ? error.exitCode : 1
  if (!said) for (const line of explain(error)) shell.stderr.write(`${line}\n`)
}

function explain(error: unknown): string[] {
  if (error instanceof ConfigError)
    return [error.message, ...error.mistakes.map((line) => `  ${line}`)]
  if (!(error instanceof Error)) return [String(error)]
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return [`${error.message}. Is the server running already? Try --port 0.`]
  if (code === 'ENXIO')
    return [`${error.message}. A named pipe needs a reader before the server starts.`]
  // What the system refuses it names, with the file or address.
  if (syscall !== undefined) return [error.message]
  if (error instanceof UsageError || code?.startsWith('RELIW_')) return [error.message]
  return [error.stack ?? error.message]
}
