#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Before anything else is loaded: a command then starts in half the time.
enableCompileCache()
const { program } = await import('./program.ts')
const { reportFailure } = await import('./report-failure.ts')

try {
  await program().parseAsync()
} catch (error) {
  reportFailure(error)
}
