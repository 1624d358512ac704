import { randomFillSync } from 'node:crypto'
import { constants } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operation } from '@reliw/model'
import { WriteFailed } from '../errors.ts'

/** Bytes that a commit may need besides its values: for copied pages of B-trees, and for the free list. */
const PAGES = 128 * 1024
const MAX_CHUNK = 1024 * 1024

/**
 * Checks for free space: writes as many bytes as a commit may need into an unlinked file, whose space is freed when
 * this function returns. When a write of LMDB itself fails, LMDB prints lines from C that cannot be suppressed. The
 * free space that the file system reports is not used: reserves, quotas and remote disks make it wrong in both
 * directions.
 *
 * @param bytes total size of the values
 * @throws WriteFailed when the disk, or the user's quota, is full
 */
export async function probeDisk(dir: string, bytes: number): Promise<void> {
  try {
    await writeAndForget(join(dir, `.probe-${process.pid}`), bytes + PAGES)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Other errors do not mean a full disk: LMDB will report them.
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return
    const error = new WriteFailed(`${dir}: the disk is full`)
    error.cause = cause
    throw error
  }
}

/** Bytes of the values that the operations write; 0 for deletions alone, which are attempted on a full disk too. */
export function bytesIn(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => {
    if (operation.op === 'set') return sum + lengthOf(operation.value)
    if (operation.op !== 'hset') return sum
    return Object.values(operation.fields).reduce((all, value) => all + lengthOf(value), sum)
  }, 0)
}

/** At least 1: an empty value takes space too. */
function lengthOf(value: string | Buffer): number {
  return Math.max(1, Buffer.byteLength(value))
}

async function writeAndForget(file: string, bytes: number): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  const handle = await open(file, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600)
  try {
    await unlink(file)
    // Zeros would take no space on a file system that compresses.
    const chunk = randomFillSync(Buffer.alloc(Math.min(bytes, MAX_CHUNK)))
    for (let left = bytes; left > 0; left -= chunk.length)
      await handle.writeFile(chunk.subarray(0, left))
  } finally {
    await handle.close()
  }
}
