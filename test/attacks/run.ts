/** `npm run attack`: makes all attacks, or those that are named, each on a server of its own, and prints a table. */
import { runProgram } from '@reliw/testing'
import { Scope } from '../served/scope.ts'
import { attacks } from './kinds/index.ts'
import { rowOf, table } from './report.ts'
import { withstand, type Outcome } from './withstand.ts'

async function main(names: readonly string[]): Promise<void> {
  const known = attacks.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`usage: npm run attack -- [${known.join('|')}]…`)
  const outcomes: Outcome[] = []
  for (const attack of attacks) {
    if (names.length > 0 && !names.includes(attack.name)) continue
    process.stderr.write(`${attack.name}: ${attack.does}\n`)
    const scope = new Scope()
    try {
      const outcome = await withstand(scope.context, attack)
      outcomes.push(outcome)
      for (const fault of outcome.faults) process.stderr.write(`  ${fault}\n`)
    } finally {
      await scope.close()
    }
  }
  process.stdout.write(`${table(outcomes.map(rowOf))}\n`)
  if (outcomes.some(({ faults }) => faults.length > 0)) process.exitCode = 1
}

await runProgram(main)
