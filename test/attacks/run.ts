/** `npm run attack`: makes all attacks, or those that are named, each on a server of its own, and prints a table. */
import { parseArgs } from 'node:util'
import { runProgram } from '@reliw/testing'
import { Scope } from '../served/scope.ts'
import { attacks } from './kinds/index.ts'
import { rowOf, table } from './report.ts'
import { withstand, type Outcome } from './withstand.ts'

const USAGE = `usage: npm run attack -- [--cgroup PATH] [ATTACK]…

Attacks a server with a heap of 128 MiB and 256 MiB of memory, while an honest
client uses it.

  --cgroup PATH  control group with a limit of 256 MiB to start each server in;
                 create it as root:
                   mkdir /sys/fs/cgroup/attack
                   echo 256M > /sys/fs/cgroup/attack/memory.max
                 Without it the limit is only configured (pressure.max_rss).

Attacks (default: all):
${attacks.map(({ name, does }) => `  ${name.padEnd(18)} ${does}`).join('\n')}
`

async function main(words: string[]): Promise<void> {
  const options = { cgroup: { type: 'string' }, help: { type: 'boolean' } } as const
  const { values, positionals: names } = parseArgs({ args: words, options, allowPositionals: true })
  if (values.help === true) return void process.stdout.write(USAGE)
  const unknown = names.find((name) => !attacks.some((attack) => attack.name === name))
  if (unknown !== undefined) throw new Error(`unknown attack "${unknown}"\n${USAGE}`)
  const outcomes: Outcome[] = []
  for (const attack of attacks) {
    if (names.length > 0 && !names.includes(attack.name)) continue
    process.stderr.write(`${attack.name}: ${attack.does}\n`)
    const scope = new Scope()
    try {
      const outcome = await withstand(scope.context, attack, values.cgroup)
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
