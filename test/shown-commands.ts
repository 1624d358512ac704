import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { freePort, tempDir, waitFor } from '@reliw/testing'
import type { Test } from 'tap'

/** A block that is to be run: ```sh test, with `serve` (in the background) or `fails` behind it. */
export interface Step {
  command: string
  mode: string
  /** The text block right after it, in which … stands for anything. */
  expected: string | undefined
}

/** The blocks of a document that are to be run, in order. */
export function stepsOf(markdown: string): Step[] {
  const block = /^```sh test ?(\w*)\n(.*?)^```\n(?:\s*```text\n(.*?)^```\n)?/gms
  return [...markdown.matchAll(block)].map(([, mode = '', command = '', expected]) => {
    return { mode, command, expected }
  })
}

/** Where the steps of one document run. */
export interface Shell {
  cwd: string
  env: NodeJS.ProcessEnv
  /** The free port that stands for each port that is shown. */
  ports: ReadonlyMap<string, string>
  /** Ends the server at an address, as a reader does who starts another one there. */
  servers: Map<string, () => Promise<unknown>>
}

/** The server's two, and those of origins. */
const SHOWN_PORTS = ['8080', '9101', '3001', '3002']

/**
 * An empty folder, with the examples where asked for, in which `reliw` and `npm run -s reliw --` are
 * the command line from source, and servers take free ports instead of those that are shown.
 */
export async function openShell(t: Test, root: string, withExamples: boolean): Promise<Shell> {
  const cwd = tempDir(t)
  const bin = tempDir(t)
  const ports = new Map<string, string>()
  for (const shown of SHOWN_PORTS) ports.set(shown, String(await freePort()))
  const port = ports.get('8080')
  const own = `--port ${port} --metrics-port ${ports.get('9101')}`
  const cli = `"${process.execPath}" --conditions=@reliw/source "${root}apps/reliw/src/cli.ts"`
  const reliw = `#!/bin/sh\n[ "$1" = serve ] && set -- "$@" ${own}\nexec ${cli} "$@"\n`
  writeFileSync(join(bin, 'reliw'), reliw)
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\nshift 4\nexec reliw "$@"\n')
  for (const name of ['reliw', 'npm']) chmodSync(join(bin, name), 0o755)
  if (withExamples) cpSync(join(root, 'examples'), join(cwd, 'examples'), { recursive: true })
  const path = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter)
  const env = { ...process.env, PATH: path, PORT: port }
  return { cwd, env, ports, servers: new Map() }
}

/** Runs a step to its end, or until its server answers, and compares what it says. */
export async function runStep(t: Test, shell: Shell, step: Step): Promise<void> {
  const { command, mode, expected } = step
  // A server takes the shell's place, so that ending one ends the other.
  const script = withPorts(mode === 'serve' ? `exec ${command}` : command, shell)
  const place = /127\.0\.0\.1:\d+/.exec(script)?.[0] ?? withPorts('127.0.0.1:8080', shell)
  if (mode === 'serve') await shell.servers.get(place)?.()
  const child = spawn('sh', ['-e', '-c', script], {
    cwd: shell.cwd,
    env: shell.env,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const closed = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  if (mode === 'serve') {
    const end = (): unknown => child.kill()
    process.once('exit', end)
    const stop = async (): Promise<void> => {
      process.off('exit', end)
      end()
      await closed
    }
    t.teardown(stop)
    shell.servers.set(place, stop)
    await waitFor(() => fetch(`http://${place}/`), 'the server')
    return
  }
  const [status] = await closed
  t.equal(status === 0, mode !== 'fails', `${command}ends with ${status}: ${output}`)
  if (expected !== undefined) t.match(trimLines(output), patternOf(expected), command)
}

function withPorts(text: string, { ports }: Shell): string {
  return text.replaceAll(
    /(?<=\b(?:localhost|127\.0\.0\.1):)\d+/g,
    (shown) => ports.get(shown) ?? shown
  )
}

/** Blank lines and the blanks around lines do not count. */
function patternOf(expected: string): RegExp {
  const parts = trimLines(expected).split('…')
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`, 's')
}

function trimLines(text: string): string {
  return text.replace(/\s*\n\s*/g, '\n').trim()
}
