/** `npm run fuzz -- clients|origins`: a long run; the tests beside it make short ones. */
import { runProgram } from '@reliw/testing'
import { Scope } from '../served/scope.ts'
import { parseArguments, USAGE } from './arguments.ts'
import { fuzzClients } from './fuzz-clients.ts'
import { fuzzOrigins } from './fuzz-origins.ts'
import type { FuzzOptions, FuzzReport } from './fuzz-options.ts'

const EVERY = 5000

async function main(words: string[]): Promise<void> {
  const parsed = parseArguments(words)
  if (parsed === undefined) throw new Error(USAGE)
  const { side, options } = parsed
  const scope = new Scope()
  process.stdout.write(`seed ${options.seed}\n`)
  try {
    const fuzz = side === 'clients' ? fuzzClients : fuzzOrigins
    report(await fuzz(scope.context, { ...options, onProgress: progress(options) }))
  } finally {
    await scope.close()
  }
}

function progress({ count }: FuzzOptions): () => void {
  let done = 0
  return () => {
    done += 1
    if (done % EVERY === 0) process.stdout.write(`${done} of ${count}\n`)
  }
}

function report({ lines, faults }: FuzzReport): void {
  for (const line of [...lines, ...faults]) process.stdout.write(`${line}\n`)
  process.stdout.write(`${faults.length} faults\n`)
  if (faults.length > 0) process.exitCode = 1
}

await runProgram(main)
