import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { program } from '../apps/reliw/src/program.ts'
import { checkUses, knownMetrics } from './deploy-metrics.ts'
import { readRules } from './deploy-rules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/runbooks')
const alerts = readRules('alerts')
const names = new Set(alerts.map(({ name }) => name))
const metrics = await knownMetrics(readRules('recording'))
const pages = readdirSync(folder).filter((file) => file !== 'README.md')
const documents = [
  ...readdirSync(folder).map((file) => `docs/runbooks/${file}`),
  'deploy/README.md'
]
const read = (document: string): string => readFileSync(join(root, document), 'utf8')

t.test('every alert has a page, and every page an alert', async (t) => {
  for (const { name, runbook } of alerts) t.equal(runbook, `docs/runbooks/${pageOf(name)}`)
  t.same(pages.toSorted(), [...names].map(pageOf).toSorted())
})

t.test('the index has all of them, and says how urgent they are', async (t) => {
  const index = read('docs/runbooks/README.md')
  for (const name of names) {
    const severities = alerts.filter((alert) => alert.name === name).map(({ severity }) => severity)
    const [, row = ''] =
      new RegExp(`^\\| \\[${name}\\]\\(${pageOf(name)}\\) +\\|([^|]+)`, 'm').exec(index) ?? []
    t.same(new Set(row.trim().split(', ')), new Set(severities), name)
  }
})

for (const name of names) {
  const page = pageOf(name)
  t.test(`${page} has every required section`, async (t) => {
    const text = read(`docs/runbooks/${page}`)
    t.match(text, `Alert \`${name}\`, `)
    const headings = Array.from(text.matchAll(/^## (.*)$/gm), ([, heading]) => heading)
    t.same(headings, ['What it means', 'What clients notice', 'Diagnose', 'Do', 'Check'])
    t.match(text, /^```(sh|promql)$/m)
  })
}

t.test('queries name metrics that exist, and labels that these have', async (t) => {
  for (const document of documents) {
    for (const block of blocksOf(document, 'promql')) {
      for (const query of block.trim().split('\n')) checkUses(t, query, metrics)
    }
    const rest = read(document).replaceAll(/^```promql.*?^```$/gms, '')
    for (const [name] of rest.matchAll(/\b(?:reliw|process|nodejs|http_requests)_[a-z]\w+\b/g)) {
      const exists = [...metrics.keys()].some((known) => known.startsWith(name))
      t.ok(exists, `${name} of ${document}`)
    }
  }
})

t.test('commands of runbooks exist', async (t) => {
  const shown = documents.flatMap((document) =>
    [...blocksOf(document, 'sh').join('').split('\n'), ...codeOf(document)].flatMap((line) =>
      /^reliw [a-z]/.test(line) ? [line.split(/[|;]/)[0] ?? ''] : []
    )
  )
  t.not(shown.length, 0)
  for (const line of shown) t.ok(isCommand(line.trim().split(/\s+/).slice(1)), line)
})

t.test('log lines of runbooks are written by the server', async (t) => {
  const source = ['apps', 'packages']
    .flatMap((name) => sourcesIn(name))
    .map((path) => read(path))
    .join('\n')
  for (const document of documents) {
    for (const [, pattern = ''] of read(document).matchAll(/"msg":"([^"'\n]+)/g)) {
      for (const line of alternatives(pattern))
        t.ok(source.includes(`'${line}`), `${line} of ${document}`)
    }
  }
})

t.test('links lead somewhere', async (t) => {
  for (const document of documents) {
    for (const [, path = '', anchor] of read(document).matchAll(/\]\(([^)#:]*)(?:#([^)]*))?\)/g)) {
      const target = path === '' ? document : join(dirname(document), path)
      t.ok(existsSync(join(root, target)), `${target} of ${document}`)
      if (anchor !== undefined)
        t.ok(anchorsOf(target).includes(anchor), `#${anchor} of ${document}`)
    }
  }
})

function pageOf(name: string): string {
  const words = name.slice('Reliw'.length).replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
  return `${words.toLowerCase()}.md`
}

function blocksOf(document: string, language: string): string[] {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return Array.from(read(document).matchAll(block), ([, text = '']) => text)
}

/** What is between backticks in a sentence. */
function codeOf(document: string): string[] {
  const prose = read(document).replaceAll(/^```.*?^```$/gms, '')
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, text = '']) => text)
}

function sourcesIn(name: string): string[] {
  const paths = globSync(`${name}/*/src/**/*.ts`, { cwd: root })
  return paths.filter((path) => !path.startsWith('packages/testing'))
}

/** What a pattern such as `store (lost|connected)` finds. */
function alternatives(pattern: string): string[] {
  const [, before = '', choice, after = ''] = /^([^(]*)\(([^)]*)\)(.*)$/.exec(pattern) ?? []
  if (choice === undefined) return [pattern]
  return choice.split('|').map((one) => before + one + after)
}

/** As GitHub makes them. */
function anchorsOf(document: string): string[] {
  return Array.from(read(document).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  )
}

/** Whether the words begin with a command that takes the options among them. */
function isCommand(words: readonly string[]): boolean {
  let command = program(process)
  for (const word of words) {
    const below = command.commands.find((one) => one.name() === word)
    if (below === undefined) break
    command = below
  }
  const options = words.filter((word) => /^--?[a-z]/.test(word))
  const known = command.options.flatMap(({ short, long }) => [short, long])
  return command.commands.length === 0 && options.every((option) => known.includes(option))
}
