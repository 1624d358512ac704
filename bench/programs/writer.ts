/**
 * `node writer.ts KIND TARGET`: a process of its own that changes what a server serves. For each version that
 * arrives as a message it makes one change and answers with the times, in nanoseconds of the clock that all
 * processes share: before it, and when it was acknowledged.
 */
import { openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { openStore } from '@reliw/store'
import { Redis } from 'ioredis'
import type { Change, WriterTarget } from '../scenarios/live/change.ts'

type Write = (change: Change) => unknown

const target = JSON.parse(process.argv[2] ?? '') as WriterTarget

function open(): Write | Promise<Write> {
  if (target.kind === 'redis') return openRedis(target.port, target.db)
  if (target.kind === 'embedded') return openEmbedded(target.dir)
  return target.kind === 'rename' ? renamed(target.file) : inPlace(target.file)
}

async function openRedis(port: number, db: number): Promise<Write> {
  const redis = new Redis({ host: '127.0.0.1', port, db, lazyConnect: true })
  await redis.connect()
  return ({ key, field, value }) =>
    field === undefined ? redis.set(key, value) : redis.hset(key, field, value)
}

async function openEmbedded(dir: string): Promise<Write> {
  const { driver } = await openStore({ dir })
  return ({ key, field, value }) =>
    driver.write([
      field === undefined
        ? { op: 'set', key, value }
        : { op: 'hset', key, fields: { [field]: value } }
    ])
}

function renamed(file: string): Write {
  return ({ value }) => {
    writeFileSync(`${file}.new`, value)
    renameSync(`${file}.new`, file)
  }
}

/** Every version has the same length, so that a reader sees one or the other. */
function inPlace(file: string): Write {
  const fd = openSync(file, 'r+')
  return ({ value }) => writeSync(fd, value, 0)
}

const write = await open()
process.on('message', async (change: Change) => {
  const sent = process.hrtime.bigint()
  await write(change)
  const acknowledged = process.hrtime.bigint()
  process.send?.({ sent: String(sent), acknowledged: String(acknowledged) })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
