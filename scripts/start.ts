/** `npm start`: puts the example sites into a store of their own, serves them and says where. */
import { styleText } from 'node:util'
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
  await program().parseAsync([...args, '--config', CONFIG], { from: 'user' })
}

try {
  const port = Number(process.env['PORT'] ?? 8080) || (await freePort())
  await reliw('import', SITES, '--skip-existing')
  await reliw('serve', '--port', String(port))
  process.stdout.write(greeting(port))
} catch (error) {
  reportFailure(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') process.stderr.write('Another port: PORT=8081 npm start\n')
}
