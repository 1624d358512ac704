/** `npm run bench -- NAME`: runs one scenario and prints, or saves, what it measured. */
import { runProgram } from '@reliw/testing'
import { parseArguments, usage } from './harness/arguments.ts'
import { requireProgram } from './harness/program.ts'
import { pinOurselves } from './harness/pin.ts'
import { save } from './harness/results.ts'
import { toJson, toText } from './harness/report.ts'
import { scenarios } from './scenarios/index.ts'

const WRK =
  'The benchmarks need wrk on the PATH: `apt-get install wrk`, `brew install wrk`, or build it from ' +
  'github.com/wg/wrk.'

async function main(words: string[]): Promise<void> {
  const options = parseArguments(words, Object.keys(scenarios))
  if (options === undefined) throw new Error(usage(Object.keys(scenarios)))
  requireProgram('wrk', WRK)
  pinOurselves()
  const report = await scenarios[options.name]?.(options)
  if (report === undefined) return
  process.stdout.write(options.json ? toJson(report) : toText(report))
  if (options.save) process.stderr.write(`Saved to ${await save(report, options)}\n`)
}

await runProgram(main)
