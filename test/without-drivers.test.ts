import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { tempDir } from '@reliw/testing'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const PLUGINS = ['auth', 'content-store', 'limits', 'metrics', 'upstream-proxy', 'waf']
const DRIVERS = ['ioredis', 'lmdb']

interface Manifest {
  name: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Names of what has to be installed beside a package. */
function needsOf(manifest: Manifest): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest
  const peers = Object.keys(peerDependencies ?? {})
  const needed = peers.filter((name) => peerDependenciesMeta?.[name]?.optional !== true)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...needed]
}

/** Where a package finds another; undefined for an optional one that is not for this machine. */
function folderOf(name: string, from: string): string | undefined {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(folder)) return realpathSync(folder)
  }
  return undefined
}

/** All that is installed with a package, itself included, by folder. */
function installedWith(folder: string, found = new Map<string, Manifest>()): Map<string, Manifest> {
  if (found.has(folder)) return found
  const manifest = manifestOf(folder)
  found.set(folder, manifest)
  for (const name of needsOf(manifest)) {
    const needed = folderOf(name, folder)
    if (needed !== undefined) installedWith(needed, found)
  }
  return found
}

/** Runs a program in a process of its own. Resolves to the drivers that were loaded on the way. */
async function driversLoadedBy(program: string): Promise<string[]> {
  const watched = `
    import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        console.log(url)
        return next(url, context)
      }
    })
    ${program}
  `
  const args = ['--conditions=@reliw/source', '--input-type=module', '--eval', watched]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [loaded, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`exit code ${code}`)
  return DRIVERS.filter((name) => loaded.includes(`/node_modules/${name}/`))
}

/** Source that imports a package. */
function importOf(folder: string): string {
  return `await import(${JSON.stringify(join(folder, 'src/index.ts'))})`
}

for (const plugin of PLUGINS) {
  const folder = join(ROOT, 'packages', plugin)

  t.test(`@reliw/${plugin} is installed without a driver of the store`, async (t) => {
    const installed = [...installedWith(folder).values()]
    const names = installed.map(({ name }) => name)
    t.ok(names.includes('@reliw/model'))
    t.strictSame(
      names.filter((name) => [...DRIVERS, '@reliw/store'].includes(name)),
      []
    )
    const withScripts = installed.filter(({ scripts }) => scripts?.['install'] !== undefined)
    t.strictSame(
      withScripts.map(({ name }) => name),
      [],
      'nothing runs when it is installed'
    )
  })

  t.test(`@reliw/${plugin} loads no driver of the store`, async (t) => {
    t.strictSame(await driversLoadedBy(importOf(folder)), [])
  })
}

t.test('the store is installed with its drivers, and loads the one that it opens', async (t) => {
  const folder = join(ROOT, 'packages/store')
  const installed = [...installedWith(folder).values()]
  for (const driver of DRIVERS) t.ok(installed.some(({ name }) => name === driver))
  t.ok(installed.some(({ scripts }) => scripts?.['install'] !== undefined))
  for (const [driver, options] of [
    ['ioredis', { redis: { port: 1 } }],
    ['lmdb', { dir: tempDir(t) }]
  ] as const) {
    const open = `
      const { openStore } = ${importOf(folder)}
      const store = await openStore(${JSON.stringify(options)})
      await store.close()
    `
    t.strictSame(await driversLoadedBy(open), [driver])
  }
})

t.test('every import of a package, for types too, is a dependency', async (t) => {
  const missing = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    const [folder = '', name = ''] = file.split('/')
    const needs = needsOf(manifestOf(join(ROOT, folder, name)))
    const imported = importsOf(readFileSync(join(ROOT, file), 'utf8'))
    return imported.filter((name) => !needs.includes(name)).map((name) => `${file}: ${name}`)
  })
  t.strictSame(missing, [])
})

/** Names of the packages that a source imports. */
function importsOf(source: string): string[] {
  const specifiers = source.matchAll(/^(?:import|export|}).*? from '([^'.][^']*)'$/gm)
  return Array.from(specifiers, ([, specifier = '']) => {
    const [scope = '', name = ''] = specifier.split('/')
    return scope.startsWith('@') ? `${scope}/${name}` : scope
  }).filter((name) => !isBuiltin(name))
}
