/**
 * `npm start`: puts the example sites into a store of their own, serves them and says where. What follows `--` is for
 * `reliw serve`; with a `--config` of the user's, that is served instead.
 */
import { parseArgs, styleText } from 'node:util'
import { freePort } from '@reliw/testing'
import { program } from '../apps/reliw/src/program.ts'
import { reportFailure } from '../apps/reliw/src/report-failure.ts'

const CONFIG = 'examples/two-sites/reliw.json'
const SITES = 'examples/two-sites/sites'

/** What a newcomer wants to know. Indented lines are to be clicked or copied. */
function greeting(port: number): string {
  const set = `npm run -s reliw -- set FILES:blog.localhost:/now.md content '# Now: on holiday'`
  return [
    '',
    'Two sites are being served. Open',
    link(`  http://localhost:${port}/`),
    link(`  http://blog.localhost:${port}/`),
    '',
    'Change a page in another terminal, then reload it; nothing is restarted:',
    `  ${set} --config ${CONFIG}`,
    link(`  http://blog.localhost:${port}/now`),
    '',
    'Ctrl+C ends it. What you changed stays in .reliw/example-store: delete that to begin again.',
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

/** Serves what the user's own config names: nothing is put into its store, and its port is its own. */
async function serveOwn(args: string[], port: string | undefined): Promise<void> {
  // Defaults come first: of an option that is given twice the last one counts.
  await reliw('serve', ...(port === undefined ? [] : ['--port', port]), ...args)
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
    help: { type: 'boolean', short: 'h' }
  } as const
  const { values } = parseArgs({ args, options, strict: false })
  // An option without its value is for `reliw serve` to refuse, as is a port that is none.
  const isRefused = values.port === true || values.config === true
  const port = typeof values.port === 'string' ? values.port : process.env['PORT'] || undefined
  if (isRefused || values.help === true) await reliw('serve', ...args)
  else if (values.config === undefined) await serveExample(args, port)
  else await serveOwn(args, port)
} catch (error) {
  reportFailure(error, process)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') process.stderr.write('Another port: PORT=8081 npm start\n')
}
