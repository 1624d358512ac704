#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { holdTickObject } from '@reliw/http/hold-tick-object'
import { tooOld } from './node-version.ts'

const mistake = tooOld(process.versions.node)
if (mistake !== undefined) {
  process.stderr.write(`${mistake}\n`)
  process.exit(1)
}
// Before anything else is loaded: loading it makes garbage, and the compile cache makes it sooner.
holdTickObject()
if (!process.argv.includes('serve')) {
  // Commands then start in less time. A server starts once, and garbage is collected sooner with what the cache brings.
  nodeModule.enableCompileCache()
  // The program that reads the output may have seen enough, as in `reliw keys | head`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? 0 : 1)
  )
}
const { runCommand } = await import('./run-command.ts')
await runCommand(process.argv.slice(2), process)
