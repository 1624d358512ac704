import { statfs } from 'node:fs/promises'
import { type Operation, type Store, WriteFailed } from '@reliw/store'

/** Bytes that a commit may take beside its values: pages that it copies, and those of the free list. */
const PAGES = 128 * 1024

/**
 * Refuses writes to an embedded store whose disk is full, before LMDB finds out: that prints lines of its own, from
 * C too, which nobody can keep back. Deleting is tried all the same.
 *
 * @param dir of the store
 */
export function mindFullDisk({ driver }: Store, dir: string): void {
  const write = driver.write.bind(driver)
  driver.write = async (operations) => {
    const needed = operations.reduce((sum, operation) => sum + bytesOf(operation), 0)
    if (needed > 0 && (await freeBytes(dir)) < needed + PAGES)
      throw new WriteFailed(`${dir}: the disk is full`)
    await write(operations)
  }
}

function bytesOf(operation: Operation): number {
  if (operation.op === 'set') return Math.max(1, operation.value.length)
  if (operation.op !== 'hset') return 0
  return Object.values(operation.fields).reduce((sum, { length }) => sum + Math.max(1, length), 0)
}

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}
