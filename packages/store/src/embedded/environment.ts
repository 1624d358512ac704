import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '@reliw/options'
import { type Database, type RootDatabase, open } from 'lmdb'
import { CannotOpen } from '../errors.ts'
import { ownFiles } from './own-files.ts'

/** What a transaction changed, for the other processes that have the directory open. */
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
  /** Key → when it expires, in epoch milliseconds. */
  expiries: Database<number, string>
  /** [when, key], in the order in which keys expire. */
  due: Database<true, [number, string]>
  /** Generation → what it changed; the last `HISTORY` ones. */
  changes: Database<Change, number>
  /** `generation` → the number of the last one, as eight bytes: it is read far more often than written. */
  counters: Database<Buffer, string>
  readOnly: boolean
  /** Files that other users could read until now. */
  closedFiles: readonly string[]
  /** Whether everybody may make, exchange and delete files in the directory. */
  isOpenToAll: boolean
  /** The file that every commit touches. */
  file: string
}

/** How many generations a process may sleep through before it has to suspect everything. */
export const HISTORY = 1000

/**
 * Opens the directory, made when missing; its files are their owner's alone, whatever mode the directory has. One that we may read but not write is opened for reading.
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
    // With event turn batching a failed commit also rejects a promise that nobody can reach.
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

/** LMDB's mark, in the first page behind its header. */
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe])

/** LMDB ends the process, rather than refuse, when a file is not one of its own. To open a named pipe would wait for ever. */
function mustBeStore(file: string): void {
  if (!statSync(file).isFile()) throw new Error('data.mdb is no file')
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
