import { tempDir } from '@reliw/testing'
import t from 'tap'
import { banListContract, openFor } from './bans-contract.ts'

const dir = tempDir(t)
await banListContract(t, () => openFor(t, { dir }))
