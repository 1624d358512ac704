/** Runs tap and ends with the line `N passed, N failed`, followed by `, N skipped` when some were. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { join } from 'node:path'
import { TOTALS_FILE } from '../tap-reporter.mjs'
import { OLDEST, run } from './run.mjs'

/** Exit codes of a run that a signal ended. */
const INTERRUPTED = new Set(
  [constants.signals.SIGINT, constants.signals.SIGTERM].map((n) => 128 + n)
)
/** `node_modules/.bin/tap` would run under the Node that the project brings, not under the one on the PATH. */
const TAP = 'node_modules/tap/dist/esm/run.mjs'
/** What all tests take of one core, in minutes. */
const WORK = 12
/** Processes of tests at once, as in `.taprc`. */
const JOBS = 4

/** The tests that make up their cases: each reads RELIW_TEST_LENGTH. */
const RANDOM = [
  'packages/auth/test/jwt-fuzz.test.ts',
  'packages/lua-pattern/test/agrees-with-lua-5-1.test.ts',
  'packages/lua-pattern/test/agrees-with-luajit.test.ts',
  'packages/lua-pattern/test/shares-a-budget.test.ts',
  'packages/upstream-proxy/test/chunked-decoder.test.ts',
  'packages/upstream-proxy/test/response-reader.test.ts',
  'test/fuzz/clients.test.ts',
  'test/fuzz/origins.test.ts'
]
/** How many times as many cases a long run makes: some minutes of them. */
const LONG = '50'

/** The tests of Node's and V8's internals, and one of a whole server. */
const OF_NODE = [
  'apps/reliw/test/cli/serve.test.ts',
  'packages/http/test/',
  'packages/limits/test/pressure-young.test.ts',
  'packages/options/test/old-space-limit.test.ts',
  'test/node-version.test.ts'
]

/** As `runTests`, for the tests with random cases alone, with many more of these. Arguments are files among them. */
export async function runLongTests(args, context) {
  const env = { RELIW_TEST_LENGTH: LONG, ...context.env }
  const files = args.length > 0 ? args : RANDOM
  return runTests(['--timeout=0', ...files], { ...context, env })
}

/** Has the oldest supported Node run `test`. Arguments are files in place of the tests of what differs between versions. */
export async function runOldestNodeTests(args, context) {
  const files = args.length > 0 ? args : OF_NODE
  const test = ['node', 'scripts/bootstrap.mjs', 'test', ...files]
  return run('npx', ['-y', '-p', `node@${OLDEST.join('.')}`, ...test], context)
}

/** Resolves to 0 only when tests ran and none failed. Arguments are tap's, `--reporter` excepted. */
export async function runTests(args, context) {
  if (args.length === 0) console.log(describeTime())
  const file = join(context.cwd, TOTALS_FILE)
  rmSync(file, { force: true })
  const env = withCompileCache(args, context)
  const code = await run('node', [TAP, ...args], { ...context, env })
  if (INTERRUPTED.has(code)) {
    console.log('Interrupted.')
    return code
  }
  const counts = readCounts(file)
  // A runner that dies has counted nothing, and that is a failure as well.
  const failed = counts.failed === 0 && code !== 0 ? 1 : counts.failed
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  console.log(`${counts.passed} passed, ${failed} failed${skipped}`)
  return code === 0 && (failed > 0 || counts.passed === 0) ? 1 : code
}

/** What is loaded is compiled once, not by every file anew; coverage would be less exact with it. */
function withCompileCache(args, { cwd, env }) {
  if (args.some((argument) => argument.includes('coverage'))) return env
  return { NODE_COMPILE_CACHE: join(cwd, 'node_modules/.cache/reliw-tests'), ...env }
}

function describeTime() {
  const cores = Math.min(availableParallelism(), JOBS)
  const minutes = Math.ceil(WORK / cores)
  const time = `${minutes} minute${minutes === 1 ? '' : 's'}`
  const place = `${cores} core${cores === 1 ? '' : 's'}`
  return `All tests take about ${time} on ${place} with nothing else to do.`
}

/** Assertions, from tap's own totals: `# { total: 6, pass: 2, fail: 1, todo: 1, skip: 2 }`. */
function readCounts(file) {
  const totals = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const count = (name) => Number(totals.match(`\\b${name}: (\\d+)`)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') }
}
