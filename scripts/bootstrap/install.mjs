/** Installs the workspace's dependencies, when what they are made from has changed. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { nodeBinary, runQuietly } from './run.mjs'

const STAMP = 'node_modules/.reliw-bootstrap'
const PACKAGE_FOLDERS = ['packages', 'apps', 'examples']

/**
 * Makes `node_modules` what the lockfile says. Says so on stderr unless `silent`; rejects, with the
 * installer's whole output on stderr, when it fails.
 */
export async function installDependencies(root, { silent }) {
  if (isCurrent(root)) return
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  await withLock(join(root, `${STAMP}.lock`), async () => {
    if (isCurrent(root)) return
    if (!silent) console.error('Installing dependencies…')
    const stamp = stampOf(root)
    await install(root)
    writeFileSync(join(root, STAMP), stamp)
  })
}

async function install(root) {
  // npm hands its own --silent down, and CI keeps pnpm from asking questions nobody can answer.
  const env = { ...process.env, CI: '1', npm_config_loglevel: 'warn' }
  const args = ['-y', 'pnpm@12', 'install', '--frozen-lockfile']
  const code = await runQuietly('npx', args, { cwd: root, env })
  if (code !== 0) throw new Error(`Installing dependencies failed: npx ${args.join(' ')}`)
}

function isCurrent(root) {
  const stamp = join(root, STAMP)
  if (!existsSync(stamp) || !existsSync(nodeBinary(root))) return false
  return readFileSync(stamp, 'utf8') === stampOf(root)
}

/** Changes with every file that decides what is installed, and with the machine's kind. */
function stampOf(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests(root)]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function manifests(root) {
  const folders = PACKAGE_FOLDERS.filter((folder) => existsSync(join(root, folder)))
  const members = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
  )
  return ['.', 'bench', ...members]
    .toSorted(byText)
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(root, file)))
}

function byText(a, b) {
  return a < b ? -1 : 1
}
