/**
 * Runs a program that starts others, and ends the process with it: 0, 1 when it throws (its message goes to stderr) or a
 * signal ends it, or what it left in `process.exitCode`. Children and temporary folders go with the process, by way of
 * its `exit` event; a server that is left over keeps nobody waiting.
 */
export async function runProgram(main: (args: string[]) => Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1))
  }
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  } finally {
    process.exit()
  }
}
