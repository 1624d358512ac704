import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '@reliw/options'
import { type Database, type RootDatabase, open } from 'lmdb'
import { CannotOpen } from '../errors.ts'
import { ownFiles } from './own-files.ts'

/** Changes of a transaction, for the other processes that have the directory open. */
export interface Change {
  keys: string[]
  messages: [channel: string, message: string][]
}

/** The tables of the embedded store. */
export interface Environment {
  root: RootDatabase
  /** Key → value of string keys. */
  strings: Database<Buffer, string>
  /** [key, field] → value of hash fields. */
  hashes: Database<Buffer, [string, string]>
  /** Key → expiry time, in epoch milliseconds. */
  expiries: Database<number, string>
  /** [expiry time, key], in order of expiry. */
  due: Database<true, [number, string]>
  /** Generation → its changes; only the last `HISTORY` generations. */
  changes: Database<Change, number>
  /** `generation` → number of the last generation, as an eight-byte double: it is read far more often than written. */
  counters: Database<Buffer, string>
  readOnly: boolean
  /** Files that were open to other users until now. */
  closedFiles: readonly string[]
  /** Whether every user may create, replace and delete files in the directory. */
  isOpenToAll: boolean
  /** The file that every commit modifies. */
  file: string
}

/** Generations that a process may miss before it must treat every cached value as suspect. */
export const HISTORY = 1000

/**
 * Opens the directory, creating it when missing. Its files are accessible to their owner alone, whatever the mode of
 * the directory. A directory that we can read but not write is opened read-only.
 *
 * @throws CannotOpen naming the directory and the reason
 */
export function openEnvironment(dir: string): Environment {
  const file = join(dir, 'data.mdb')
  const readOnly = existsSync(file) && !isWritable(dir, file)
  try {
    if (existsSync(file)) mustBeStore(file)
    if (!readOnly) makeDirectory(dir, 0o700)
    const closedFiles = ownFiles(dir, !readOnly)
    // With event turn batching, a failed commit also rejects a promise that our code cannot reach.
    const root = open({ path: dir, noSubdir: false, maxDbs: 8, readOnly, eventTurnBatching: false })
    return {
      root,
      strings: root.openDB({ name: 'strings', encoding: 'binary' }),
      hashes: root.openDB({ name: 'hashes', encoding: 'binary' }),
      expiries: root.openDB({ name: 'expiries' }),
      due: root.openDB({ name: 'due' }),
      changes: root.openDB({ name: 'changes' }),
      counters: root.openDB({ name: 'counters', encoding: 'binary' }),
      readOnly,
      closedFiles,
      isOpenToAll: (statSync(dir).mode & 0o002) !== 0,
      file
    }
  } catch (cause) {
    const error = new CannotOpen(`${dir}: ${(cause as Error).message}`)
    error.cause = cause
    throw error
  }
}

/** LMDB's magic number, in the first page after its header. */
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe])

/** Throws when the file is not a store: LMDB would end the process. Opening a named pipe would block forever. */
function mustBeStore(file: string): void {
  if (!statSync(file).isFile()) throw new Error('data.mdb is not a regular file')
  const head = Buffer.alloc(64)
  const fd = openSync(file, 'r')
  try {
    const length = readSync(fd, head)
    if (length > 0 && !head.includes(MAGIC)) throw new Error('data.mdb is not a store')
  } finally {
    closeSync(fd)
  }
}

function isWritable(...paths: string[]): boolean {
  try {
    for (const path of paths) accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
