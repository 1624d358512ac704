import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { configDocs } from '../scripts/write-config-docs.ts'
import { openShell, runStep, stepsOf } from './shown-commands.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}/README.md`)
const hasCurl = spawnSync('curl', ['--version']).status === 0
const skip = hasCurl ? false : 'curl is not installed'

for (const document of [
  'README.md',
  'docs/access.md',
  'docs/auth.md',
  'docs/cli.md',
  'docs/headers.md',
  'docs/sites.md',
  'docs/waf.md',
  ...examples
]) {
  t.test(`the commands in ${document} work`, { skip }, async (t) => {
    const steps = stepsOf(read(document))
    t.not(steps.length, 0, 'it shows something')
    const shell = await openShell(t, root, examples.includes(document))
    for (const step of steps) await runStep(t, shell, step)
  })
}

t.test('docs/config.md is generated from the schema', async (t) => {
  t.equal(read('docs/config.md'), configDocs(), 'run `npm run schema`')
})

t.test('docs/errors.md has every error code, and no other', async (t) => {
  const source = ['apps', 'packages'].flatMap(sourcesBelow).map(read).join('\n')
  const documented = codesIn(/^\| `(RELIW_\w+)`/gm, read('docs/errors.md'))
  t.strictSame(documented, codesIn(/(?<!\[)'(RELIW_\w+[A-Z])'/g, source))
})

function sourcesBelow(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((path) => /^(?!testing)[^/]+\/src\/.*\.ts$/.test(path))
  return sources.map((path) => `${folder}/${path}`)
}

function codesIn(pattern: RegExp, text: string): string[] {
  const codes = Array.from(text.matchAll(pattern), ([, code = '']) => code)
  return [...new Set(codes)].toSorted((a, b) => a.localeCompare(b))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
