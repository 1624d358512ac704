/**
 * The environment of a command: input, output, environment variables and the folder for relative paths. `process` is
 * one.
 */
export interface Shell {
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: NodeJS.ProcessEnv
  exitCode?: NodeJS.Process['exitCode']
  readonly cwd: () => string
}

interface Output {
  readonly isTTY?: boolean
  write(chunk: string | Uint8Array): boolean
}

/** Prints a line. */
export function say(shell: Shell, line: string): void {
  shell.stdout.write(`${line}\n`)
}
