import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { openWithin } from '../../src/files/open-within.ts'

/** Replaces a file by renaming for as long as it runs. */
const RENAMER = `
const { renameSync, writeFileSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
for (let n = 0; ; n++) {
  writeFileSync(workerData + '.new', String(n))
  renameSync(workerData + '.new', workerData)
}`

t.test('a file that is replaced all the time is never missing', async (t) => {
  const root = tempDir(t)
  const file = join(root, 'page.html')
  writeFileSync(`${file}.new`, '0')
  renameSync(`${file}.new`, file)
  const renamer = new Worker(RENAMER, { eval: true, workerData: file })
  t.teardown(() => renamer.terminate())
  let missing = 0
  for (let n = 0; n < 1000; n++) {
    const found = await openWithin(root, ['page.html'])
    if (typeof found === 'string') missing++
    else await found.handle.close()
  }
  t.equal(missing, 0)
})

t.test('a root that is no directory has no files', async (t) => {
  const root = tempDir(t)
  writeFileSync(join(root, 'file'), '')
  t.equal(await openWithin(join(root, 'file'), ['x']), 'missing')
  t.equal(await openWithin(join(root, 'none'), ['x']), 'missing')
})
