import t from 'tap'
import { keyCommands } from './key-commands.ts'
import { createWorkplace } from './run-cli.ts'

await keyCommands(t, createWorkplace(t))
