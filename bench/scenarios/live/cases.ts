import { join } from 'node:path'
import { freePort, tempDir } from '@reliw/testing'
import { place } from '../../harness/files.ts'
import { startServer, type Server } from '../../harness/server.ts'
import { writeSites } from '../../harness/sites.ts'
import type { StoreOptions } from '@reliw/store'
import type { RedisServer } from '@reliw/testing'
import { reliw } from '../../peers/reliw.ts'
import { entry, page, type WriterTarget } from './change.ts'
import type { Case } from './measure-changes.ts'

const HOST = 'live.example'
/** What RELIW uses unless it is told otherwise. */
const REDIS_DB = 13

/** One path per way to change it. */
const FILE = '/file.html'
const CONTENT = '/content.html'
const ENTRY = '/entry.html'
const IN_PLACE = '/in-place.html'

/** A server and what can be changed under it. */
export interface Setting {
  server: Server
  cases: Case[]
}

/** On the embedded store, which a second process writes to, and with files on disk. */
export async function embedded(): Promise<Setting> {
  const dir = join(tempDir(), 'store')
  const data_dir = tempDir()
  const folder = join(data_dir, HOST)
  for (const name of [FILE, IN_PLACE]) place(folder, name, Buffer.from(page(0)))
  const server = await start('reliw', { dir }, data_dir)
  return {
    server,
    cases: [
      ...storeCases('embedded store', server, { kind: 'embedded', dir }),
      onDisk('file, renamed into place', server, 'rename', folder, FILE),
      onDisk('file, written in place', server, 'in place', folder, IN_PLACE)
    ]
  }
}

/** On Redis, which a connection of its own writes to. */
export async function onRedis({ host, port }: RedisServer): Promise<Setting> {
  const server = await start('reliw-redis', { redis: { host, port } }, tempDir())
  return { server, cases: storeCases('Redis', server, { kind: 'redis', port, db: REDIS_DB }) }
}

async function start(name: string, options: StoreOptions, data_dir: string): Promise<Server> {
  const methods = { GET: true }
  await writeSites(options, [
    {
      host: HOST,
      routes: [
        [ENTRY, 'entry', true],
        ['^/', 'page']
      ],
      entries: { entry: { methods, headers: { 'x-version': '0' } }, page: { methods } },
      files: { [CONTENT]: Buffer.from(page(0)), [ENTRY]: Buffer.from(page(0)) }
    }
  ])
  const { redis, ...store } = options
  const peer = reliw(name, { data_dir, ...(redis === undefined ? { store } : { redis }) })
  return startServer(peer, { dir: tempDir(), port: await freePort(), host: HOST, path: CONTENT })
}

function storeCases(where: string, { port }: Server, writer: WriterTarget): Case[] {
  const file = { key: `RLW:FILES:${HOST}:${CONTENT}`, field: 'content' }
  const key = `RLW:API:${HOST}:entry`
  return [
    {
      name: `${where}: HSET of a file’s content`,
      target: { port, host: HOST, path: CONTENT },
      writer,
      change: (version) => ({ ...file, value: page(version) })
    },
    {
      name: `${where}: SET of an entry`,
      target: { port, host: HOST, path: ENTRY },
      writer,
      change: (version) => ({ key, value: entry(version) })
    }
  ]
}

function onDisk(
  name: string,
  { port }: Server,
  kind: 'rename' | 'in place',
  folder: string,
  path: string
): Case {
  return {
    name,
    target: { port, host: HOST, path },
    writer: { kind, file: join(folder, path) },
    change: (version) => ({ key: '', value: page(version) })
  }
}
