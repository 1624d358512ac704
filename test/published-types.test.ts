import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { tempDir } from '@reliw/testing'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const TSC = join(ROOT, 'node_modules/.bin/tsc')
const COMPILER = {
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'ES2024',
  lib: ['ES2025'],
  module: 'NodeNext',
  types: ['node']
}

interface Package {
  name: string
  private?: boolean
  files: string[]
  exports: Record<string, string | { types: string }>
}

/** Runs the compiler without the test runner's loaders. Resolves to its exit code and all that it says. */
async function compile(cwd: string, ...args: string[]): Promise<string> {
  const command = ['env', '-u', 'NODE_OPTIONS', TSC, ...args]
  const child = spawn('sh', ['-c', command.join(' ')], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return `${code}: ${said}`
}

const packages = globSync('{packages,apps}/*/package.json', { cwd: ROOT })
  .map((file) => ({
    folder: join(ROOT, dirname(file)),
    manifest: JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Package
  }))
  .filter(({ manifest }) => manifest.private !== true)

t.test(
  'the declarations of each package pass a strict compiler that looks into them',
  async (t) => {
    t.equal(await compile(ROOT, '-b', 'tsconfig.build.json'), '0: ')
    const dir = tempDir(t)
    mkdirSync(join(dir, 'node_modules/@reliw'), { recursive: true })
    mkdirSync(join(dir, 'node_modules/@types'))
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(dir, 'node_modules/@types/node'))
    for (const { folder, manifest } of packages) {
      const { name, files, exports } = manifest
      symlinkSync(folder, join(dir, 'node_modules', name))
      for (const [path, target] of Object.entries(exports)) {
        if (typeof target === 'string') continue
        const entry = join(name, path)
        writeFileSync(join(dir, `${entry.replaceAll('/', '-')}.ts`), `export * from '${entry}'\n`)
        const [top] = target.types.replace('./', '').split('/')
        t.ok(files.includes(top ?? ''), `${entry} is packed with its declarations`)
      }
    }
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER }))
    t.equal(await compile(dir, '-p', '.'), '0: ')
  }
)

t.test('a declaration with a fault is found', async (t) => {
  const dir = tempDir(t)
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(dir, 'node_modules/@types/node'))
  writeFileSync(join(dir, 'x.d.ts'), 'export interface X { [name: string]: number; y?: string }\n')
  writeFileSync(join(dir, 'y.ts'), "export type { X } from './x.js'\n")
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER }))
  t.match(await compile(dir, '-p', '.'), /^[12]: .*TS2411/)
})
