import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'

const root = resolve(import.meta.dirname, '..')

interface Started {
  dir: string
  child: ChildProcess
  said: { out: string; err: string }
}

/** Runs what `npm start -- ARGS` runs, in a folder with the examples. */
function start(t: Test, args: string[], env: NodeJS.ProcessEnv = {}): Started {
  const dir = tempDir(t)
  symlinkSync(join(root, 'examples'), join(dir, 'examples'))
  writeFileSync(
    join(dir, 'own.json'),
    '{"port": 0, "metrics": {"disabled": true}, "store": {"dir": "own-store"}, "data_dir": "www"}'
  )
  const { PORT: _, RELIW_CONFIG_FILE: __, ...rest } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=@reliw/source', join(root, 'scripts/start.ts'), ...args],
    { cwd: dir, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }
  )
  t.teardown(() => child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  return { dir, child, said }
}

async function stop({ child }: Started): Promise<unknown> {
  const exit = once(child, 'close')
  child.kill('SIGTERM')
  return (await exit)[0]
}

async function ended({ child }: Started): Promise<unknown> {
  return (await once(child, 'close'))[0]
}

/** The line `started` of the log. */
function startedLine({ said }: Started): { urls: string[]; config: string } | undefined {
  const line = said.out.split('\n').find((text) => text.includes('"msg":"started"'))
  return line === undefined ? undefined : (JSON.parse(line) as { urls: string[]; config: string })
}

for (const form of ['--port N', '--port=N', '--port 0', 'PORT=N']) {
  t.test(`the example sites are served and announced at the port of ${form}`, async (t) => {
    const wanted = String(await freePort())
    const isVariable = form === 'PORT=N'
    const args = isVariable ? [] : form.replace('N', wanted).split(' ')
    const env = isVariable ? { PORT: wanted } : {}
    const running = start(t, [...args, '--metrics-port', '0'], env)
    const { said } = running
    await waitFor(() => said.out.includes('Ctrl+C ends it'), 'the greeting')
    const [, port] = /http:\/\/localhost:(\d+)\/\n/.exec(said.out) ?? []
    if (form !== '--port 0') t.equal(port, wanted)
    const response = await fetch(`http://localhost:${port}/`)
    t.equal(response.status, 200)
    await response.text()
    t.equal(await stop(running), 0, said.err)
  })
}

for (const form of ['--config own.json', '-c own.json']) {
  t.test(`${form} serves that config, and no example comes into its store`, async (t) => {
    const running = start(t, form.split(' '))
    await waitFor(() => startedLine(running), 'the start')
    const { urls, config } = startedLine(running) ?? { urls: [], config: '' }
    t.equal(config, 'own.json')
    const response = await fetch(urls[0] ?? '', { headers: { host: 'localhost' } })
    t.equal(response.status, 404)
    await response.text()
    t.equal(await stop(running), 0, running.said.err)
    t.notMatch(running.said.out, 'Two sites')
    t.same(readdirSync(running.dir).toSorted(), ['examples', 'own-store', 'own.json'])
  })
}

t.test('--port counts beside --config', async (t) => {
  const port = await freePort()
  const running = start(t, ['--config', 'own.json', '--port', String(port)])
  await waitFor(() => startedLine(running), 'the start')
  t.match(startedLine(running)?.urls, [`:${port}`])
  t.equal(await stop(running), 0)
})

t.test('--help prints the help of reliw serve, and writes nothing', async (t) => {
  for (const form of ['--help', '-h']) {
    const running = start(t, [form])
    t.equal(await ended(running), 0)
    t.match(running.said.out, /^Usage: reliw serve [^]*--port <number>/)
    t.equal(running.said.err, '')
    t.same(readdirSync(running.dir).toSorted(), ['examples', 'own.json'])
  }
})

t.test('an option without its value, or with a wrong one, is refused', async (t) => {
  for (const [args, message] of [
    [['--port'], /option '-p, --port <number>' argument missing/],
    [['--config'], /option '-c, --config <file>' argument missing/],
    [['--port', 'x'], /port/],
    [['--prot', '1'], /unknown option '--prot'/]
  ] as const) {
    const running = start(t, [...args])
    t.equal(await ended(running), 1)
    t.match(running.said.err, message)
    t.notMatch(running.said.out, 'Two sites')
  }
})
