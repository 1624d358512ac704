import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all below it have used and hold. */
export interface Usage {
  /** User and system time in microseconds, in steps of the kernel's clock tick (10 ms mostly). */
  cpu: number
  /** Resident set size in bytes. Pages that processes share count once for each of them. */
  rss: number
  /** The part of it that is not files mapped into memory, in bytes. */
  anonymous: number
}

const KIB = 1024

/** The kernel's clock tick in microseconds. */
const TICK = 1e6 / (Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100)

/** Reads /proc for a process and its descendants, such as nginx' workers. */
export function usageOf(pid: number): Usage {
  const total: Usage = { cpu: 0, rss: 0, anonymous: 0 }
  for (const member of family(pid)) {
    const { fields } = readStat(member) ?? { fields: [] }
    const status = readText(`/proc/${member}/status`) ?? ''
    // proc_pid_stat(5): utime and stime are fields 14 and 15, counted from 1.
    total.cpu += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK
    total.rss += kibibytes(status, 'VmRSS')
    total.anonymous += kibibytes(status, 'RssAnon')
  }
  return total
}

function family(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? readStat(Number(name))?.fields[1] : undefined
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const members = [pid]
  for (const member of members) {
    for (const [child, parent] of parents) if (parent === member) members.push(child)
  }
  return members
}

/** The fields from the third on: the second, the name, may hold anything but ends at the last `)`. */
function readStat(pid: number): { fields: string[] } | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text === undefined
    ? undefined
    : { fields: text.slice(text.lastIndexOf(')') + 2).split(' ') }
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * KIB
}

/** Processes end while they are being listed. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
