/**
 * `npm start`: puts the example sites into a store of their own, serves them and says where. What follows `--` is for
 * `reliw serve`.
 */
import { parseArgs, styleText } from 'node:util'
import { freePort } from '@reliw/testing'
import { program } from '../apps/reliw/src/program.ts'
import { reportFailure } from '../apps/reliw/src/report-failure.ts'

const CONFIG = 'examples/two-sites/reliw.json'
const SITES = 'examples/two-sites/sites'

const HELP = new Set(['-h', '--help'])

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
  await program().parseAsync([...args, '--config', CONFIG], { from: 'user' })
}

try {
  const args = process.argv.slice(2)
  const options = { port: { type: 'string', short: 'p' } } as const
  const asked = parseArgs({ args, options, strict: false }).values.port ?? process.env['PORT']
  const port = asked === '0' ? await freePort() : Number(asked ?? 8080)
  if (!args.some((arg) => HELP.has(arg))) await reliw('import', SITES, '--skip-existing')
  // What is no port is for `reliw serve` to say.
  await reliw('serve', ...args, '--port', Number.isNaN(port) ? String(asked) : String(port))
  process.stdout.write(greeting(port))
} catch (error) {
  reportFailure(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') process.stderr.write('Another port: PORT=8081 npm start\n')
}
