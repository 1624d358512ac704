/**
 * What every npm script of the workspace runs: `node scripts/bootstrap.mjs COMMAND [ARGUMENTS]`.
 *
 * It asks for nothing but npm and any Node >= 20: dependencies, Node 26 among them, are installed
 * when they are missing or out of date. The command then runs under Node 26, unless the Node that
 * runs this file is 24.9 or newer. When nothing is to be installed this costs a few milliseconds.
 * The child's exit code becomes ours.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkNode } from './bootstrap/check-node.mjs'
import { installDependencies } from './bootstrap/install.mjs'
import { installLua } from './bootstrap/lua.mjs'
import { installPromtool } from './bootstrap/promtool.mjs'
import { findOrInstallRedis } from './bootstrap/redis.mjs'
import { childEnvironment, run } from './bootstrap/run.mjs'
import { runLongTests, runOldestNodeTests, runTests } from './bootstrap/tests.mjs'

checkNode()
const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Each takes the user's arguments and what it runs with, and resolves to an exit code. */
const commands = {
  start: (args, context) => script('scripts/start.ts', args, context),
  reliw: (args, context) => script('apps/reliw/src/cli.ts', args, context, userFolder()),
  fuzz: (args, context) => script('test/fuzz/run.ts', args, context),
  attack: (args, context) => script('test/attacks/run.ts', args, context),
  bench: (args, context) => script('bench/run.ts', args, context),
  schema: (args, context) => script('scripts/write-config-schema.ts', args, context),
  build: (args, context) => run('tsc', ['-b', 'tsconfig.build.json', ...args], context),
  typecheck: (args, context) => run('tsc', args, context),
  format: (args, context) => run('oxfmt', args.length > 0 ? args : ['.'], context),
  lint: (args, context) =>
    inTurn(
      () => run('oxlint', ['--max-warnings=0', ...args], context),
      () => run('oxfmt', ['--check', ...(args.length > 0 ? args : ['.'])], context)
    ),
  test: async (args, context) => runTests(args, await withPrograms(context)),
  'test:node24': runOldestNodeTests,
  'test:long': async (args, context) => runLongTests(args, await withPrograms(context)),
  verify: (_args, context) =>
    inTurn(
      ...['lint', 'typecheck', 'test', 'build'].map((name) => () => commands[name]([], context))
    )
}

async function main([name, ...args]) {
  if (!Object.hasOwn(commands, name ?? '')) {
    throw new Error(`usage: node scripts/bootstrap.mjs ${Object.keys(commands).join('|')}`)
  }
  // `reliw` may be read by programs: it prints only what the command prints.
  await installDependencies(root, { silent: name === 'reliw' && !process.stderr.isTTY })
  return commands[name](args, { cwd: root, env: childEnvironment(root) })
}

/** Tests need Redis, and ask other programs where they are there. */
async function withPrograms(context) {
  const redis = await findOrInstallRedis(context.env)
  await installLua(context.env)
  await installPromtool(context.env)
  return { ...context, env: { ...context.env, RELIW_REDIS_SERVER: redis } }
}

function script(file, args, context, cwd = root) {
  const flags = ['--conditions=@reliw/source']
  return run('node', [...flags, `${root}/${file}`, ...args], { ...context, cwd })
}

/** npm runs scripts in the package's folder and keeps the folder it was called from here. */
function userFolder() {
  return process.env.INIT_CWD ?? process.cwd()
}

async function inTurn(...steps) {
  for (const step of steps) {
    const code = await step()
    if (code !== 0) return code
  }
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
