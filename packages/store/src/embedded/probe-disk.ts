import { randomFillSync } from 'node:crypto'
import { constants } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operation } from '@reliw/model'
import { WriteFailed } from '../errors.ts'

/** Bytes that a commit may take beside its values: pages of the trees that it copies, and of the free list. */
const PAGES = 128 * 1024
const MAX_CHUNK = 1024 * 1024

/**
 * Writes as many bytes as a commit may need into a file without a name, which is gone when this returns. LMDB itself
 * prints lines from C when its own write fails, and these cannot be kept back. What the file system says of its
 * free space is not asked: reserves, quotas and remote disks make it wrong in both directions.
 *
 * @param bytes of values
 * @throws WriteFailed when the disk, or the user's share of it, is full
 */
export async function probeDisk(dir: string, bytes: number): Promise<void> {
  try {
    await writeAndForget(join(dir, `.probe-${process.pid}`), bytes + PAGES)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Anything else says nothing of room: LMDB finds out.
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return
    const error = new WriteFailed(`${dir}: the disk is full`)
    error.cause = cause
    throw error
  }
}

/** Bytes of the values that operations put there; 0 when they only delete, which is tried on a full disk, too. */
export function bytesIn(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => {
    if (operation.op === 'set') return sum + lengthOf(operation.value)
    if (operation.op !== 'hset') return sum
    return Object.values(operation.fields).reduce((all, value) => all + lengthOf(value), sum)
  }, 0)
}

/** At least 1: a value without bytes takes room, too. */
function lengthOf(value: string | Buffer): number {
  return Math.max(1, Buffer.byteLength(value))
}

async function writeAndForget(file: string, bytes: number): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  const handle = await open(file, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600)
  try {
    await unlink(file)
    // Zeros would take no room where the file system compresses.
    const chunk = randomFillSync(Buffer.alloc(Math.min(bytes, MAX_CHUNK)))
    for (let left = bytes; left > 0; left -= chunk.length)
      await handle.writeFile(chunk.subarray(0, left))
  } finally {
    await handle.close()
  }
}
