import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const COMMANDS = ['serve', 'check', 'import', 'export', 'get', 'set', 'del', 'keys']
const { run } = createWorkplace(t)

t.test('every command has help and a version', async (t) => {
  const reliw = await run(['--help'])
  t.match(reliw, { code: 0, stderr: '', stdout: /Config file: --config, else \$RELIW_CONFIG_FILE/ })
  for (const name of COMMANDS) t.match(reliw.stdout, new RegExp(`^  ${name} `, 'm'))
  for (const name of COMMANDS) {
    const [help, version] = await Promise.all([run([name, '--help']), run([name, '--version'])])
    t.match(help, { code: 0, stderr: '', stdout: `Usage: reliw ${name} ` }, name)
    t.match(version, { code: 0, stderr: '', stdout: /^\d+\.\d+\.\d+\n$/ }, name)
  }
})

t.test('a mistyped command or option is answered with a suggestion', async (t) => {
  t.match(await run(['sevre']), { code: 1, stdout: '', stderr: /Did you mean serve\?/ })
  t.match(await run(['serve', '--prot', '1']), { code: 1, stderr: /Did you mean --port\?/ })
  t.match(await run(['get']), { code: 1, stderr: /missing required argument 'key'/ })
  t.match(await run(['export']), { code: 1, stderr: /--out/ })
  t.match(await run([]), { code: 1, stderr: /Usage: reliw/ })
})

t.test('an invalid port is an error', async (t) => {
  t.match(await run(['serve', '--port', 'eighty']), {
    code: 1,
    stderr: /--port <number>' argument 'eighty' is invalid/
  })
  t.match(await run(['serve', '--config', 'none.json']), {
    code: 1,
    stderr: /none.json.*\n.*ENOENT/
  })
})
