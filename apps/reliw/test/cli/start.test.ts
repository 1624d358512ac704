import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { freePort, tempDir, type TestContext, waitFor } from '@reliw/testing'
import t from 'tap'
import type { Line } from '../log-lines.ts'
import { CLI } from './run-cli.ts'
import { ask } from './serving.ts'

interface Running {
  output: () => string
  /** The lines of the log, where they are JSON. */
  log: () => Line[]
  /** The URL that it says it serves. */
  url: () => Promise<URL>
  stop: () => Promise<number | null>
}

const hasScript = spawnSync('script', ['--version']).status === 0
const skip = hasScript ? false : 'script (util-linux) is not installed'
const METRICS = ['--metrics-port', '0']
const LOCAL = { host: 'localhost' }

/** Starts `reliw ARGS` in a folder without a config file, on a pseudo terminal if wanted. */
function start(
  t: TestContext,
  dir: string,
  args: string[],
  { env = {}, terminal = false }: { env?: NodeJS.ProcessEnv; terminal?: boolean } = {}
): Running {
  const command = [process.execPath, '--conditions=@reliw/source', CLI, ...args]
  const quoted = command.map((word) => `'${word}'`).join(' ')
  const [program = '', ...rest] = terminal
    ? ['script', '-qec', `stty cols 80; exec ${quoted}`, '/dev/null']
    : command
  const child = spawn(program, rest, {
    cwd: dir,
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', TMPDIR: join(dir, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  t.teardown(() => child.kill('SIGKILL'))
  return {
    output: () => output.replaceAll('\r', ''),
    log: () =>
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line),
    url: async () =>
      waitFor(() => {
        const text = /(?<!Metrics: |"metrics":")http:\/\/(?:[\d.]+|\[[\d:]+\]):\d+/.exec(
          output
        )?.[0]
        return text === undefined ? undefined : new URL(text)
      }, 'the start').catch(() => {
        throw new Error(output)
      }),
    stop: async () => {
      child.kill('SIGTERM')
      return closed
    }
  }
}

/** A folder to start in, with a folder of temporary files. */
function place(t: TestContext): string {
  const dir = tempDir(t)
  mkdirSync(join(dir, 'tmp'))
  return dir
}

t.test('a server is configured by its environment alone', async (t) => {
  const dir = place(t)
  const port = String(await freePort())
  const server = start(t, dir, ['serve'], {
    env: {
      PORT: port,
      HOST: '127.0.0.2',
      RELIW_LOG_HEADERS: 'x-mine',
      RELIW_METRICS__PORT: '0',
      RELIW_STORE__DIR: 'data'
    }
  })
  const url = await server.url()
  t.match(url, { hostname: '127.0.0.2', port })
  await (await fetch(url, { headers: { 'x-mine': 'yes' } })).text()
  t.equal(await server.stop(), 0)
  t.match(
    server.log().find(({ msg }) => msg === 'started'),
    {
      store: 'data',
      overrides: [
        '$PORT',
        '$HOST',
        '$RELIW_LOG_HEADERS',
        '$RELIW_METRICS__PORT',
        '$RELIW_STORE__DIR'
      ]
    }
  )
  t.match(
    server.log().find(({ msg }) => msg === 'store has no sites'),
    { next: /reliw import/ }
  )
  t.match(
    server.log().find(({ msg }) => msg === 'request'),
    {
      'x-mine': 'yes',
      error: 'RELIW_CONTENT_NO_SITE'
    }
  )
})

t.test('the commands on the page of an empty store add a site', async (t) => {
  const dir = place(t)
  const env = { RELIW_STORE__DIR: 'data' }
  const { url, stop } = start(t, dir, ['serve', '--port', '0', ...METRICS], { env })
  const port = Number((await url()).port)
  const page = (await ask(port, '/', { host: 'shop.example' })).text
  const [commands = ''] = page.split('<pre><code>').slice(1)
  const text = commands.split('</code>', 1)[0]?.replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  const reliw = `reliw() { '${process.execPath}' --conditions=@reliw/source '${CLI}' "$@"; }\n`
  const shell = spawnSync('sh', ['-ec', reliw + text], {
    cwd: dir,
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8'
  })
  t.match(shell, { status: 0, stdout: 'shop.example: imported, 1 file\n', stderr: '' })
  t.match(await ask(port, '/', { host: 'shop.example' }), { status: 200, text: />Hi<\/h1>/ })
  t.notMatch((await ask(port, '/', { host: 'b.example' })).text, /RELIW/)
  t.equal(await stop(), 0)
})

t.test('--ip takes precedence over HOST, and is validated', async (t) => {
  const dir = place(t)
  const env = { HOST: '127.0.0.2', PORT: '0' }
  const server = start(t, dir, ['serve', '--ip', '127.0.0.3', ...METRICS], { env })
  t.equal((await server.url()).hostname, '127.0.0.3')
  t.equal(await server.stop(), 0)
  const refused = start(t, dir, ['serve', '--ip', 'example.com'])
  await waitFor(() => refused.output().includes('--ip'), 'the refusal')
  t.match(refused.output(), /ip: expected an IP address, such as .* \(--ip\)\n$/)
  const unknown = start(t, dir, ['keys'], { env: { RELIW_REDIS_HOST: 'redis' } })
  await waitFor(() => unknown.output().includes('?'), 'the suggestion')
  t.match(unknown.output(), 'RELIW_REDIS_HOST: unknown variable: did you mean RELIW_REDIS__HOST?')
})

t.test('a terminal gets a greeting and short lines', { skip }, async (t) => {
  const dir = place(t)
  const args = ['serve', '--port', '0', ...METRICS]
  const short = /^\d\d:\d\d:\d\d 404 GET b\.example\/p+… .* no site$/m
  const long = /^\[.*\] INFO: 404 GET b\.example\/p+ .*"error":"RELIW_CONTENT_NO_SITE"/m
  for (const [options, env, request] of [
    [[], {}, short],
    [[], { NO_COLOR: '1' }, short],
    [['--verbose'], { NO_COLOR: '1' }, long]
  ] as const) {
    const server = start(t, dir, [...args, ...options], { env, terminal: true })
    const { port } = await server.url()
    await ask(Number(port), `/${'p'.repeat(300)}`, { host: 'b.example' })
    const shown = (): string => stripVTControlCharacters(server.output())
    await waitFor(() => request.test(shown()), 'the request')
    if (options.length === 0) {
      t.match(shown(), /RELIW .* serves the sites in\n {2}reliw-store\n/)
      t.match(shown(), /There is no site yet.*reliw serve \.\/folder/s)
      for (const line of shown().split('\n')) t.ok(line.length <= 80, line)
    }
    t.equal(server.output().includes('\u001B[33m404\u001B[39m'), !('NO_COLOR' in env))
    t.equal(server.output().includes('\u001B'), !('NO_COLOR' in env))
    await server.stop()
  }
})

t.test('a folder is served for every host, and nothing is left of it', async (t) => {
  const dir = place(t)
  mkdirSync(join(dir, 'my docs/guide'), { recursive: true })
  const write = (name: string, text: string): void =>
    writeFileSync(join(dir, 'my docs', name), text)
  write('index.html', '<h1>Home</h1>')
  write('guide/index.md', '# Guide\n\n<script>alert(1)</script>')
  write('guide/part.dj', '# Part')
  write('.env', 'SECRET=1')
  mkdirSync(join(dir, 'my docs/plain'))
  write('plain/a.txt', 'a')
  write('plain/.concealed', 'secret')
  writeFileSync(join(dir, 'beside.txt'), 'beside')
  writeFileSync(join(dir, 'reliw.json'), '{"redis": {"host": "192.0.2.1"}}')
  const server = start(t, dir, ['serve', 'my docs', '--port', '0', ...METRICS])
  const port = Number((await server.url()).port)
  const served = async (path: string, host: string): Promise<string> => {
    const { status, text } = await ask(port, path, { host })
    return `${status} ${/<h1[^>]*>(\w+)/.exec(text)?.[1] ?? ''}`
  }
  t.equal(await served('/', 'a.example'), '200 Home')
  t.equal(await served('/', `127.0.0.1:${port}`), '200 Home')
  t.equal(await served('/guide/', `localhost:${port}`), '200 Guide')
  t.equal(await served('/guide/part', '[::1]'), '200 Part')
  t.equal(await served('/index', 'b.example'), '200 Home')
  t.match(await ask(port, '/guide', LOCAL), { status: 301, headers: { location: '/guide/' } })
  t.notMatch((await ask(port, '/guide/', LOCAL)).text, '<script>')
  const listed = await ask(port, '/plain/', LOCAL)
  t.match(listed, { status: 200, text: /a\.txt/ })
  t.notMatch(listed.text, 'concealed')
  for (const path of ['/.env', '/beside.txt', '/..%2fbeside.txt'])
    t.not((await ask(port, path, LOCAL)).status, 200, path)
  t.match((await ask(port, '/.env', LOCAL)).status, 404)
  write('new.md', '# New')
  t.equal(await served('/new', 'c.example'), '200 New')
  write('new.md', '# Newer')
  await waitFor(async () => (await served('/new', 'c.example')) === '200 Newer', 'the change')
  t.equal(await server.stop(), 0)
  t.match(
    server.log().find(({ msg }) => msg === 'started'),
    { folder: 'my docs', config: 'reliw.json' }
  )
  t.match(
    server.log().find(({ msg }) => msg === 'config has settings without effect'),
    {
      mistakes: ['redis: no effect beside a folder']
    }
  )
  t.notOk(server.log().some(({ msg }) => msg === 'store has no sites'))
  t.same(readdirSync(join(dir, 'tmp')), [])
  t.same(readdirSync(dir).toSorted(), ['beside.txt', 'my docs', 'reliw.json', 'tmp'])
})

t.test('what is no folder is refused', async (t) => {
  const dir = place(t)
  writeFileSync(join(dir, 'file.html'), '')
  for (const [folder, reason] of [
    ['none', /^none: no such file or directory/i],
    ['file.html', /^file\.html: not a folder/]
  ] as const) {
    const refused = start(t, dir, ['serve', folder, '--port', '0'])
    await waitFor(() => refused.output().includes('\n'), 'the refusal')
    t.match(refused.output(), reason)
  }
  t.same(readdirSync(join(dir, 'tmp')), [])
})
