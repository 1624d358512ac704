import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')

/** Runs a file with a Node that says it is of another version. */
async function runAs(version: string, file: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const flags = ['--conditions=@reliw/source', '--import', `data:text/javascript,${pretend}`]
  const child = spawn(process.execPath, [...flags, join(ROOT, file), ...args], { cwd: ROOT })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'exit')
  return { code: child.exitCode, stdout, stderr }
}

t.test('an old Node is refused in one sentence by the command line', async (t) => {
  for (const version of ['18.0.0', '20.20.2', '24.8.1']) {
    const stderr = `RELIW requires Node.js 24.9 or newer; this is ${version}.\n`
    t.same(await runAs(version, 'apps/reliw/src/cli.ts', 'check'), { code: 1, stdout: '', stderr })
  }
  t.match(await runAs('24.9.0', 'apps/reliw/src/cli.ts', '--help'), { code: 0, stderr: '' })
  t.match(await runAs('26.0.0', 'apps/reliw/src/cli.ts', '--help'), { code: 0, stderr: '' })
})

t.test('an old Node is refused in one sentence by the scripts of the workspace', async (t) => {
  t.same(await runAs('18.20.0', 'scripts/bootstrap.mjs', 'start'), {
    code: 1,
    stdout: '',
    stderr: "RELIW's scripts require Node.js 20 or newer; this is 18.20.0.\n"
  })
})

t.test('all packages ask for the same Node', async (t) => {
  for (const file of [
    'package.json',
    ...globSync('{packages,apps,examples}/*/package.json', { cwd: ROOT })
  ]) {
    const { engines } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as { engines?: object }
    t.same(engines, { node: '>=24.9' }, file)
  }
})
