import t from 'tap'
import { releaseBlocks } from '../src/index.ts'
import { giveBack, takeBlock } from '../src/pieces/block-pool.ts'

t.test('blocks that are free are given back when memory is short', async (t) => {
  const block = takeBlock()
  giveBack(block)
  t.equal(takeBlock(), block, 'else it is used again')
  giveBack(block)
  releaseBlocks()
  t.not(takeBlock(), block)
})
