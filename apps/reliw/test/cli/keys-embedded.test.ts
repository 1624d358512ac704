import t from 'tap'
import { keyCommands } from './key-commands.ts'
import { createWorkplace } from './run-cli.ts'

t.setTimeout(120_000)
await keyCommands(t, createWorkplace(t))
