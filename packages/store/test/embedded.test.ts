import { tempDir } from '@reliw/testing'
import t from 'tap'
import { contract, openFor } from './contract.ts'

t.test('the embedded store keeps the contract', async (t) => {
  const dir = tempDir(t)
  await contract(t, () => openFor(t, { dir }))
})
