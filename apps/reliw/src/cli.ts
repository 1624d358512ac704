#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { tooOld } from './node-version.ts'

const mistake = tooOld(process.versions.node)
if (mistake !== undefined) {
  process.stderr.write(`${mistake}\n`)
  process.exit(1)
}
// Before anything else is loaded: a command then starts in half the time.
nodeModule.enableCompileCache()
const { program } = await import('./program.ts')
const { reportFailure } = await import('./report-failure.ts')

try {
  await program().parseAsync()
} catch (error) {
  reportFailure(error)
}
