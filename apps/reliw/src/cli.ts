#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { holdTickObject } from '@reliw/http/hold-tick-object'
import { tooOld } from './node-version.ts'

const issue = tooOld(process.versions.node)
if (issue !== undefined) {
  process.stderr.write(`${issue}\n`)
  process.exit(1)
}
// Before other modules are loaded: loading them causes full garbage collections, with the compile cache even sooner,
// and the tick object must be held before the first one.
holdTickObject()
// The compile cache makes commands start faster. A server starts only once, and what the cache loads causes earlier
// garbage collections.
if (!process.argv.includes('serve')) nodeModule.enableCompileCache()
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // The reader of the output may close it early, as in `reliw keys | head`; the command still does all of its work.
  if (code === 'EPIPE') return
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
})
const { runCommand } = await import('./run-command.ts')
await runCommand(process.argv.slice(2), process)
