import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { type Checkout, createCheckout, linkTap, outcomeOf, root } from './bootstrap-fixture.ts'

const LUAS = ['lua5.1', 'luajit']
/** What tests may do without. */
const OPTIONAL = [...LUAS, 'promtool']

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1)

t.test('the last line counts what passed, failed and was skipped', async (t) => {
  const checkout = createCheckout(t)
  linkTap(checkout)
  for (const name of OPTIONAL) addProgram(checkout, name)
  checkout.write(
    'test/mixed.test.ts',
    `import t from 'tap'
    const n: number = 1
    console.log('# { total: 99, pass: 99 }')
    t.test('outer', async (t) => t.test('inner', async (t) => {
      t.equal(n, 1)
      t.equal(n, 2, 'is two')
    }))
    t.test('later', { todo: true }, async () => {})
    t.test('not here', { skip: 'why' }, async () => {})`
  )
  checkout.write('test/crash.test.ts', `throw new Error('a crash')\n`)
  const { code, stdout, stderr } = await checkout.run(['test'])
  t.equal(code, 1)
  t.equal(lastLine(stdout), '1 passed, 2 failed, 2 skipped')
  t.match(stdout, '✗ test/mixed.test.ts › outer › inner › is two')
  t.match(stdout, /^FAIL test\/mixed.test.ts \(\d+ ms\)$/m)
  t.match(stdout, /FAIL test\/crash.test.ts .*\n {2}exitCode: 1\n/)
  t.match(stderr, 'a crash')
})

t.test('tests that all pass are a success; only the chosen ones run', async (t) => {
  const checkout = createCheckout(t)
  linkTap(checkout)
  for (const name of OPTIONAL) addProgram(checkout, name)
  checkout.write('test/good.test.ts', `import t from 'tap'\nt.pass()\nt.pass()\n`)
  checkout.write('test/bad.test.ts', 'throw new Error()\n')
  const { code, stdout } = await checkout.run(['test', 'test/good.test.ts'])
  t.equal(code, 0)
  t.equal(lastLine(stdout), '2 passed, 0 failed')
})

t.test('a run of all tests says first about how long it takes, one of some does not', async (t) => {
  const checkout = createCheckout(t)
  for (const name of ['redis-server', ...OPTIONAL]) addProgram(checkout, name)
  addProgram(checkout, 'tap', 'echo the tests ran')
  const all = await checkout.run(['test'])
  t.match(all.stdout, /^All tests take about \d+ minutes? on \d+ cores?[^\n]*\nthe tests ran\n/)
  const some = await checkout.run(['test', 'test/some.test.ts'])
  t.match(some.stdout, /^the tests ran\n/)
})

t.test('a long run is of the tests with random cases alone, all of which are there', async (t) => {
  const checkout = createCheckout(t)
  for (const name of ['redis-server', ...OPTIONAL]) addProgram(checkout, name)
  addProgram(checkout, 'tap', 'echo "$RELIW_TEST_LENGTH" "$@"')
  const { stdout } = await checkout.run(['test:long'])
  const [length, timeout, ...files] = stdout.split('\n')[0]?.split(' ') ?? []
  t.strictSame([length, timeout], ['50', '--timeout=0'])
  t.strictSame(
    files.filter((file) => !existsSync(join(root, file))),
    []
  )
  t.ok(files.includes('test/fuzz/clients.test.ts'))
  const some = await checkout.run(['test:long', 'test/some.test.ts'], { RELIW_TEST_LENGTH: '7' })
  t.match(some.stdout, /^7 --timeout=0 test\/some\.test\.ts\n/)
})

t.test('the oldest supported Node runs the tests of what depends on Node', async (t) => {
  const checkout = createCheckout(t)
  const npx = async (...args: string[]): Promise<string[]> => {
    await checkout.run(['test:node24', ...args])
    return checkout.read('installs').trimEnd().split('\n').at(-1)?.split(' ') ?? []
  }
  const command = ['-y', '-p', 'node@24.9', 'node', 'scripts/bootstrap.mjs', 'test']
  const all = await npx()
  t.strictSame(all.slice(0, command.length), command)
  const files = all.slice(command.length)
  t.ok(files.includes('packages/http/test/'))
  t.strictSame(
    files.filter((file) => !existsSync(join(root, file))),
    []
  )
  t.strictSame(await npx('test/some.test.ts'), [...command, 'test/some.test.ts'])
})

t.test('an interrupted run stops without reporting failures', async (t) => {
  const checkout = createCheckout(t)
  linkTap(checkout)
  for (const name of OPTIONAL) addProgram(checkout, name)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    checkout.write(
      `test/${name}.test.ts`,
      `import { writeFileSync } from 'node:fs'
      import t from 'tap'
      t.test('outer', async (t) => t.test('inner', async (t) => {
        t.pass()
        t.teardown(() => { throw new Error('too late') })
        writeFileSync('begun', '')
        await new Promise((resolve) => setTimeout(resolve, 1e6))
      }))`
    )
  }
  // A terminal sends the signal to all of the group.
  const child = checkout.start(['test', 'test/'], {}, { detached: true })
  const outcome = outcomeOf(child)
  await waitFor(() => existsSync(join(checkout.dir, 'begun')), 'a test')
  process.kill(-Number(child.pid), 'SIGINT')
  const { code, stdout } = await outcome
  t.strictSame({ code, stdout }, { code: 130, stdout: 'Interrupted.\n' })
})

t.test('where no test runs, nothing has passed', async (t) => {
  const checkout = createCheckout(t)
  linkTap(checkout)
  for (const name of OPTIONAL) addProgram(checkout, name)
  const none = await checkout.run(['test'])
  t.equal(none.code, 1)
  t.equal(lastLine(none.stdout), '0 passed, 1 failed')
  checkout.write('test/skipped.test.ts', `import t from 'tap'\nt.plan(0, 'not here')\n`)
  const skipped = await checkout.run(['test'])
  t.equal(skipped.code, 1)
  t.equal(lastLine(skipped.stdout), '0 passed, 0 failed, 1 skipped')
})

t.test(
  'without Redis, and without a way to install it, one sentence says how to get it',
  async (t) => {
    const { dir, run } = createCheckout(t)
    const { code, stdout, stderr } = await run(['test'], { PATH: `${dir}/bin` })
    t.equal(code, 1)
    t.equal(stdout, '')
    t.match(stderr, /need redis-server 7 or newer: install .* or set RELIW_REDIS_SERVER/)
  }
)

const asRoot = process.getuid?.() === 0 ? false : 'only root may install'
t.test(
  'Redis is installed when it is missing, and its service disabled',
  { skip: asRoot },
  async (t) => {
    const { dir, read, run, write } = createCheckout(t)
    const log = `echo "$0 $@" | sed "s|.*/||" >> ${dir}/log\n`
    write(
      'bin/apt-get',
      `#!/bin/sh\nPATH=/bin:/usr/bin\n${log}touch ${dir}/bin/redis-server; chmod +x ${dir}/bin/redis-server`
    )
    write('bin/update-rc.d', `#!/bin/sh\nPATH=/bin:/usr/bin\n${log}`)
    write('bin/tap', '#!/bin/sh\necho "$RELIW_REDIS_SERVER"\n')
    const { stdout, stderr } = await run(['test'], { PATH: `${dir}/bin` })
    t.match(stderr, 'Installing redis-server…')
    t.match(stdout, `${dir}/bin/redis-server\n`)
    t.match(
      read('log'),
      /apt-get update\n.*install -y --no-install-recommends redis-server\nupdate-rc.d/
    )
  }
)

t.test('Lua is installed where it is missing', { skip: asRoot }, async (t) => {
  const checkout = createCheckout(t)
  for (const name of ['redis-server', 'promtool']) addProgram(checkout, name)
  addProgram(checkout, 'tap', 'command -v lua5.1; command -v luajit')
  addProgram(checkout, 'apt-get', recordAnd(checkout, 'touch bin/$6; chmod +x bin/$6'))
  const { dir, read, run } = checkout
  const { stdout, stderr } = await run(['test'], { PATH: `${dir}/bin` })
  t.match(stderr, 'Installing lua5.1…\nInstalling luajit…\n')
  t.match(stdout, `${dir}/bin/lua5.1\n${dir}/bin/luajit\n`)
  t.match(read('log'), /^update\n.* install .* lua5\.1\n.* install .* luajit\n$/)
  await run(['test'], { PATH: `${dir}/bin` })
  t.equal(read('log').split('\n').length, 4, 'and not once more')
})

t.test('only the Lua that is missing is installed', { skip: asRoot }, async (t) => {
  const checkout = createCheckout(t)
  for (const name of ['redis-server', 'lua5.1', 'promtool', 'tap']) addProgram(checkout, name)
  addProgram(checkout, 'apt-get', recordAnd(checkout, ''))
  const { dir, read, run } = checkout
  await run(['test'], { PATH: `${dir}/bin` })
  t.match(read('log'), /^update\n.* install .* luajit\n$/)
})

t.test(
  'promtool is installed where it is missing, and the service beside it disabled',
  { skip: asRoot },
  async (t) => {
    const checkout = createCheckout(t)
    for (const name of ['redis-server', ...LUAS]) addProgram(checkout, name)
    addProgram(checkout, 'tap', 'command -v promtool')
    const make = 'touch bin/promtool; chmod +x bin/promtool'
    addProgram(checkout, 'apt-get', recordAnd(checkout, make))
    addProgram(checkout, 'update-rc.d', recordAnd(checkout, ''))
    const { dir, read, run } = checkout
    const { stdout, stderr } = await run(['test'], { PATH: `${dir}/bin` })
    t.match(stderr, 'Installing promtool…\n')
    t.match(stdout, `${dir}/bin/promtool\n`)
    t.match(
      read('log'),
      /^update\n.* install -y --no-install-recommends prometheus\nprometheus disable\n$/
    )
    await run(['test'], { PATH: `${dir}/bin` })
    t.equal(read('log').split('\n').length, 4, 'and not once more')
  }
)

t.test('tests run without what cannot be installed', { skip: asRoot }, async (t) => {
  const checkout = createCheckout(t)
  addProgram(checkout, 'redis-server')
  addProgram(checkout, 'tap', 'echo the tests ran')
  addProgram(checkout, 'apt-get', 'echo no such package; exit 100')
  const { stdout, stderr } = await checkout.run(['test'], { PATH: `${checkout.dir}/bin` })
  t.match(stderr, 'no such package')
  for (const name of OPTIONAL) {
    t.match(stderr, `${name} could not be installed: the tests that ask it`)
  }
  t.match(stdout, 'the tests ran\n')
})

t.test('where nothing can be installed, the tests run without Lua and promtool', async (t) => {
  const checkout = createCheckout(t)
  addProgram(checkout, 'redis-server')
  addProgram(checkout, 'tap', 'echo the tests ran')
  const { stdout, stderr } = await checkout.run(['test'], { PATH: `${checkout.dir}/bin` })
  t.match(stdout, 'the tests ran\n')
  t.notMatch(stderr, /lua|promtool/i)
})

/** Puts a program on the checkout's PATH. */
function addProgram({ write }: Checkout, name: string, script = ''): void {
  write(`bin/${name}`, `#!/bin/sh\n${script}\n`)
}

/** A script that writes its arguments to `log` first; it runs in the checkout. */
function recordAnd({ dir }: Checkout, script: string): string {
  return `PATH=/bin:/usr/bin; cd ${dir}; echo "$@" >> log; [ "$1" = update ] && exit; ${script}`
}
