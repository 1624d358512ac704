import { once } from 'node:events'
import t from 'tap'
import { createCheckout } from './bootstrap-fixture.ts'

const CLI = 'apps/reliw/src/cli.ts'
const PRINT = 'const words: string[] = process.argv.slice(2)\nconsole.log(words.join("|"))\n'

t.test(
  'dependencies are installed once, and again when what they are made from changes',
  async (t) => {
    const { read, run, write } = createCheckout(t)
    write(CLI, PRINT)
    await run(['reliw', 'first'])
    t.same(await run(['reliw', 'a b', '--c']), { code: 0, stdout: 'a b|--c\n', stderr: '' })
    t.equal(read('installs'), '-y pnpm@12 install --frozen-lockfile\n')
    write('packages/new/package.json', '{}')
    await run(['reliw'])
    t.equal(read('installs').split('\n').length, 3)
    write('pnpm-lock.yaml', 'lockfileVersion: 9')
    await run(['reliw'])
    t.equal(read('installs').split('\n').length, 4)
  }
)

t.test(
  'installing is silent for `reliw`, and one line on stderr for the other commands',
  async (t) => {
    const { run, write } = createCheckout(t)
    write(CLI, PRINT)
    write('scripts/start.ts', PRINT)
    t.same(await run(['reliw', 'x']), { code: 0, stdout: 'x\n', stderr: '' })
    write('pnpm-lock.yaml', 'changed: true')
    const stderr = 'Installing dependencies…\n'
    t.same(await run(['start', 'x']), { code: 0, stdout: 'x\n', stderr })
  }
)

t.test('an install that fails shows its whole output and runs nothing', async (t) => {
  const { run, write } = createCheckout(t)
  write(CLI, PRINT)
  write('bin/npx', '#!/bin/sh\necho no network; echo at all >&2; exit 3\n')
  const outcome = await run(['reliw', 'x'])
  t.equal(outcome.code, 1)
  t.equal(outcome.stdout, '')
  t.match(outcome.stderr, 'no network')
  t.match(outcome.stderr, 'at all')
  t.match(outcome.stderr, 'Installing dependencies failed: npx -y pnpm@12 install')
})

t.test('two at once install once', async (t) => {
  const { read, run, write } = createCheckout(t)
  write(CLI, PRINT)
  write('bin/npx', '#!/bin/sh\nsleep 0.3; echo installed >> installs\n')
  const both = await Promise.all([run(['reliw', 'a']), run(['reliw', 'b'])])
  t.same(
    both.map(({ stdout }) => stdout),
    ['a\n', 'b\n']
  )
  t.equal(read('installs'), 'installed\n')
})

t.test('an install that was killed does not stop the next one', async (t) => {
  const { run, write } = createCheckout(t)
  write(CLI, PRINT)
  write('node_modules/.reliw-bootstrap.lock', '99999999')
  t.match(await run(['reliw', 'x']), { code: 0, stdout: 'x\n' })
})

t.test('the exit code of a command is ours', async (t) => {
  const { run, write } = createCheckout(t)
  write(CLI, 'process.exitCode = 7')
  t.equal((await run(['reliw'])).code, 7)
  write(CLI, 'process.kill(process.pid, "SIGKILL")')
  t.equal((await run(['reliw'])).code, 128 + 9)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} reaches the command, which decides when and how it ends`, async (t) => {
    const { start, write } = createCheckout(t)
    write(
      CLI,
      `process.once('${signal}', () => setImmediate(() => {
        console.log('drained')
        process.exit(3)
      }))
      setInterval(() => {}, 1000)
      console.log('ready')`
    )
    const child = start(['reliw'])
    const { stdout } = child
    if (stdout === null) throw new Error('no stdout')
    t.match(String(await once(stdout, 'data')), 'ready')
    child.kill(signal)
    t.match(String(await once(stdout, 'data')), 'drained')
    t.same(await once(child, 'exit'), [3, null])
  })
}

t.test('`reliw` runs where the user is, the other commands in the checkout', async (t) => {
  const { dir, run, write } = createCheckout(t)
  for (const file of [CLI, 'scripts/start.ts']) write(file, 'console.log(process.cwd())')
  write('elsewhere/file', '')
  const env = { INIT_CWD: `${dir}/elsewhere` }
  t.equal((await run(['reliw'], env)).stdout, `${dir}/elsewhere\n`)
  t.equal((await run(['start'], env)).stdout, `${dir}\n`)
})

t.test('an unknown command is answered with the known ones', async (t) => {
  const { run } = createCheckout(t)
  t.match(await run(['strat']), { code: 1, stderr: /usage: .*start\|/ })
  t.match(await run([]), { code: 1, stderr: /usage: / })
  t.match(await run(['toString']), { code: 1, stderr: /usage: / })
})
