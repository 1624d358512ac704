import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EVERY_HOST } from '@reliw/model'
import { openStore } from '@reliw/store'
import type { Config } from './config.ts'
import { describeSystemError } from './describe-system-error.ts'
import type { LoadedConfig } from './load-config.ts'
import { UsageError } from './report-failure.ts'

/** The site of the folder, which serves every host. */
const SITE = 'localhost'
const PAGE = 'page'
/** A request for a folder gets the first index file that is there, else a list of its files. */
const ENTRY = {
  methods: { GET: true },
  index: ['index.html', 'index.md', 'index.dj'],
  try_extensions: ['.html', '.md', '.dj'],
  listing: true
}

/**
 * A config that serves the files of a folder for every host, instead of the sites in the store: with a store of its own
 * in a temporary directory, which is removed when the process exits.
 *
 * @throws UsageError when there is no such folder
 */
export async function useFolder(loaded: LoadedConfig, folder: string): Promise<LoadedConfig> {
  const path = resolve(loaded.dir, folder)
  await mustBeFolder(path, folder)
  const temporary = await mkdtemp(join(tmpdir(), 'reliw-folder-'))
  process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
  const dir = join(temporary, 'store')
  const data_dir = join(temporary, 'www')
  await mkdir(data_dir)
  await symlink(path, join(data_dir, SITE))
  await writeSite(dir)
  const { redis: _, ...input } = loaded.input
  const { redis: __, ...settings } = loaded.settings
  return {
    ...loaded,
    input: { ...input, data_dir, store: { ...input.store, dir } },
    settings: { ...settings, data_dir, store: { ...settings.store, dir } }
  }
}

/** The options of a config that have no effect when a folder is served, each with the reason. */
export function idleBesideFolder({ redis, store, data_dir }: Config): string[] {
  const found = { redis, 'store.dir': store?.dir, data_dir }
  return Object.entries(found).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: no effect beside a folder`]
  )
}

async function mustBeFolder(path: string, folder: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    throw new UsageError(`${folder}: ${describeSystemError(error)}`)
  })
  if (!stats.isDirectory()) throw new UsageError(`${folder}: not a folder`)
}

async function writeSite(dir: string): Promise<void> {
  const store = await openStore({ dir })
  const { keys, driver } = store
  const values: [key: string, value: unknown][] = [
    [keys.settings(SITE), { aliases: [EVERY_HOST] }],
    [keys.entry(SITE, PAGE), ENTRY],
    [keys.routes(SITE), [['^/', PAGE]]]
  ]
  await driver.write(
    values.map(([key, value]) => ({ op: 'set', key, value: JSON.stringify(value) }))
  )
  await store.close()
}
