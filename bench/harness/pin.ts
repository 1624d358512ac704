import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { findProgram } from './program.ts'

const SERVER_CORE = '0'
const CLIENT_CORE = '1'

const taskset = availableParallelism() > 1 ? findProgram('taskset') : undefined

/** Whether servers have a core of their own. */
export const isPinned = taskset !== undefined

/** Where everything runs, as a sentence for the report. */
export const placement = isPinned
  ? `Servers are pinned to core ${SERVER_CORE}; wrk, Redis and what polls and writes to core ${CLIENT_CORE}.`
  : 'Nothing is pinned to a core: taskset, or a second core, is missing.'

/** Keeps this process, and what it starts unless told otherwise, off the servers' core. */
export function pinOurselves(): void {
  if (taskset) spawnSync(taskset, ['-a', '-c', '-p', CLIENT_CORE, String(process.pid)])
}

/** What to put before a server's command line; it executes the server in its own place. */
export function serverPin(): string[] {
  return taskset ? [taskset, '-c', SERVER_CORE] : []
}
