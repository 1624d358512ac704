import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, type } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { BenchOptions } from './arguments.ts'
import { placement } from './pin.ts'
import { body, type Report } from './report.ts'

const RESULTS = join(import.meta.dirname, '../results')

/** Writes a result with all that is needed to judge it, and returns the file's path. */
export async function save(report: Report, options: BenchOptions): Promise<string> {
  const file = join(RESULTS, `${report.name}.md`)
  await mkdir(dirname(file), { recursive: true })
  const text = [`# ${report.name}`, ...body(report), '## Conditions', conditions(report, options)]
  await writeFile(file, `${text.join('\n\n')}\n`)
  return relative(process.cwd(), file)
}

function conditions({ name, versions }: Report, { rounds, seconds }: BenchOptions): string {
  const cores = cpus()
  const rows = [
    ['Date', new Date().toISOString().slice(0, 10)],
    ['Command', `\`npm run bench -- ${name} --rounds ${rounds} --seconds ${seconds} --save\``],
    ['Node.js', process.versions.node],
    ['CPU', `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}`],
    ['Kernel', `${type()} ${release()}`],
    ['Placement', placement],
    ...Object.entries(versions)
  ]
  return rows.map(([key, value]) => `- ${key}: ${value}`).join('\n')
}
