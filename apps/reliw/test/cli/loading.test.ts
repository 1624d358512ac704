import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { startRedis } from '@reliw/testing'
import t from 'tap'
import { CLI, createWorkplace, type Workplace } from './run-cli.ts'

const RECORDER = resolve(import.meta.dirname, 'record-loaded.ts')
/** What only a server needs. */
const OF_SERVERS = [
  'node:http',
  'fastify',
  'pino',
  'undici',
  'jose',
  'mime',
  '@opentelemetry/api',
  'serve.ts'
]
const DRIVERS = ['lmdb', 'ioredis']

/** Packages, and our own files, that a command loads. */
async function loadedBy({ dir }: Workplace, args: string[]): Promise<Set<string>> {
  const flags = ['--conditions=@reliw/source', '--import', RECORDER]
  const child = spawn(process.execPath, [...flags, CLI, ...args], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe']
  })
  const [urls, [code]] = await Promise.all([
    text(child.stdio[3] as NodeJS.ReadableStream),
    once(child, 'close')
  ])
  t.equal(code, 0, args.join(' '))
  return new Set(urls.trimEnd().split('\n').map(nameOf))
}

/** The package that a module is of, or the name of one of our files. */
function nameOf(url: string): string {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  return name ?? url.slice(url.lastIndexOf('/') + 1)
}

function amongst(loaded: Set<string>, names: string[]): string[] {
  return names.filter((name) => loaded.has(name))
}

t.test('help and the version load no more than the command line', async (t) => {
  const place = createWorkplace(t)
  for (const args of [['--version'], ['--help'], ['get', '--help']]) {
    const loaded = await loadedBy(place, args)
    const packages = [...loaded].filter((name) => !/^node:|\.(?:ts|json)$/.test(name))
    t.same(packages, ['commander'], args.join(' '))
    t.notOk(loaded.has('config.ts'))
  }
})

t.test('`check` loads no module that only a server or a store needs', async (t) => {
  const loaded = await loadedBy(createWorkplace(t), ['check'])
  t.same(amongst(loaded, [...OF_SERVERS, ...DRIVERS]), [])
  t.ok(loaded.has('config.ts'))
})

t.test('a command loads the driver of its store alone, and nothing of a server', async (t) => {
  const redis = await startRedis(t)
  const embedded = createWorkplace(t)
  const shared = createWorkplace(t, { redis: { port: redis.port } })
  const commands = [
    ['set', 'DATA:a.example:x', 'text'],
    ['get', 'DATA:a.example:x'],
    ['bans'],
    ['user', 'list', 'a.example'],
    ['waf', 'list'],
    ['upstream', 'list'],
    ['check', '--store']
  ]
  for (const args of commands) {
    t.same(
      amongst(await loadedBy(embedded, args), [...OF_SERVERS, ...DRIVERS]),
      ['lmdb'],
      args.join(' ')
    )
  }
  const reading = await loadedBy(embedded, ['get', 'DATA:a.example:x'])
  t.same(amongst(reading, ['conflicts.ts', 'read-value.ts']), [], 'what only writing needs')
  const loaded = await loadedBy(shared, ['keys'])
  t.same(amongst(loaded, [...OF_SERVERS, ...DRIVERS]), ['ioredis'])
})
