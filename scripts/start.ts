/**
 * `npm start`: puts the example sites into a store of their own, serves them and says where. What follows `--` is for
 * `reliw serve`; with a `--config` or a folder of the user's, that is served instead.
 */
import { parseArgs, styleText } from 'node:util'
import { freePort } from '@reliw/testing'
import { program } from '../apps/reliw/src/program.ts'
import { reportFailure } from '../apps/reliw/src/report-failure.ts'

const CONFIG = 'examples/two-sites/reliw.json'
const SITES = 'examples/two-sites/sites'

/** What a newcomer wants to know. Indented lines are to be clicked or copied. */
function greeting(port: number): string {
  return [
    '',
    'Two sites are being served. Open',
    link(`  http://localhost:${port}/`),
    link(`  http://blog.localhost:${port}/`),
    '',
    'Change a page in another terminal, then reload it; nothing is restarted:',
    '  npm run -s reliw -- set FILES:blog.localhost:/now.md content \\',
    `    '# Now: on holiday' --config ${CONFIG}`,
    link(`  http://blog.localhost:${port}/now`),
    '',
    'Ctrl+C ends it. What you changed stays in .reliw/example-store: delete that',
    'to begin again.',
    '',
    ''
  ].join('\n')
}

/** Coloured on a terminal, unless NO_COLOR is set; plain in a file. */
function link(text: string): string {
  return styleText('cyan', text, { stream: process.stdout })
}

async function reliw(...args: string[]): Promise<void> {
  await program(process).parseAsync(args, { from: 'user' })
}

async function serveExample(args: string[], port = '8080'): Promise<void> {
  // The greeting names the port, and the server tells of it in its log alone.
  const [before, after] = port === '0' ? [[], [await freePort()]] : [[port], []]
  await reliw('import', SITES, '--skip-existing', '--config', CONFIG)
  const defaults = ['--config', CONFIG, ...before.flatMap((value) => ['--port', value])]
  await reliw('serve', ...defaults, ...args, ...after.flatMap((value) => ['--port', String(value)]))
  process.stdout.write(greeting(Number(after[0] ?? port)))
}

try {
  const args = process.argv.slice(2)
  const options = {
    port: { type: 'string', short: 'p' },
    config: { type: 'string', short: 'c' },
    ip: { type: 'string' },
    'metrics-port': { type: 'string' },
    verbose: { type: 'boolean', short: 'v' },
    help: { type: 'boolean', short: 'h' }
  } as const
  const { values, positionals } = parseArgs({ args, options, strict: false })
  // An option without its value is for `reliw serve` to refuse, as is a port that is none.
  const isRefused = values.port === true || values.config === true
  const ofEnvironment = process.env['RELIW_PORT'] || process.env['PORT'] || undefined
  const port = typeof values.port === 'string' ? values.port : ofEnvironment
  // With a config or a folder of the user's, nothing is put into a store, and `reliw serve` reads the environment itself.
  const isOwn = isRefused || values.help === true || values.config !== undefined || positionals[0]
  await (isOwn ? reliw('serve', ...args) : serveExample(args, port))
} catch (error) {
  reportFailure(error, process)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') process.stderr.write('Another port: PORT=8081 npm start\n')
}
