/** Running a program in our place: its streams, its signals and its exit code are ours. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The oldest Node that the workspace's programs run on: major and minor version. */
export const OLDEST = [24, 9]

/**
 * The environment in which `node` is Node 24.9 or newer and the workspace's tools are on the PATH.
 *
 * @param {string} root the workspace's folder
 */
export function childEnvironment(root) {
  const { PATH = '' } = process.env
  const folders = [dirname(nodeBinary(root)), join(root, 'node_modules/.bin'), PATH]
  return { ...process.env, PATH: folders.join(delimiter) }
}

/** Node itself where it is new enough, else the one that the `node` package brings. */
export function nodeBinary(root) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const recent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  return recent ? process.execPath : join(root, 'node_modules/node/bin/node')
}

/**
 * Runs a program to its end and resolves to its exit code, 128 + n when signal n ended it.
 * SIGINT, SIGTERM and SIGHUP are passed on, and the program decides what they mean.
 *
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} context
 */
export function run(program, args, { cwd, env }) {
  return finish(spawn(program, args, { cwd, env, stdio: 'inherit' }))
}

/** Runs a program silently; when it fails, shows all that it wrote. Resolves to its exit code. */
export async function runQuietly(program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  const code = await finish(child)
  if (code !== 0) process.stderr.write(Buffer.concat(output))
  return code
}

const ignore = () => {}

function finish(child) {
  // A terminal sends SIGINT to the child as well, and a second one often means "now".
  const signals = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => child.kill(signal)
  process.on('SIGINT', ignore)
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  }).finally(() => {
    process.off('SIGINT', ignore)
    for (const signal of signals) process.off(signal, forward)
  })
}
