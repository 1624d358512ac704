import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Entry, Settings, Upstream } from '@reliw/model'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const DOCUMENTS = globSync(
  ['*.md', 'docs/**/*.md', '{apps,packages,examples,deploy}/**/README.md'],
  {
    cwd: ROOT,
    exclude: ['**/node_modules/**', 'CHANGELOG.md']
  }
)

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

t.test('links of documents lead to existing files', async (t) => {
  t.ok(DOCUMENTS.length > 20)
  for (const file of DOCUMENTS) {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
      t.ok(existsSync(join(ROOT, dirname(file), target)), `${file}: ${target}`)
    }
  }
})

t.test('ARCHITECTURE.md and the READMEs name existing source files', async (t) => {
  const sources = globSync('{packages,apps,scripts,test}/**/*.{ts,mjs}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**', '**/dist/**']
  }).map((file) => `/${file}`)
  const inside = globSync('{packages,apps}/*/README.md', { cwd: ROOT }).map(
    (file) => read(file).split('\n## Inside\n')[1] ?? ''
  )
  const text = read('ARCHITECTURE.md') + inside.join('')
  const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name)
  t.ok(named.length > 20)
  for (const name of new Set(named))
    t.ok(
      sources.some((file) => file.endsWith(`/${name}`)),
      name
    )
})

t.test('docs/sites.md has a row for each field of entries, settings and upstreams', async (t) => {
  const rows = new Set(
    [...read('docs/sites.md').matchAll(/^\| `([\w.[\]]+)`/gm)].map(([, name = '']) => name)
  )
  for (const [what, schema] of Object.entries({ Entry, Settings, Upstream: Upstream.in })) {
    const { shape } = schema as unknown as { shape: Record<string, unknown> }
    const fields = Object.keys(shape)
    t.ok(fields.length > 3, what)
    for (const name of fields) t.ok(rows.has(name), `${what}: ${name}`)
  }
})
