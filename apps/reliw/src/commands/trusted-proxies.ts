import { rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig } from '../load-config.ts'
import { type Refreshed, refreshProxies, type Sources } from '../operations/refresh-proxies.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readPublished } from '../trusted-proxies.ts'

interface RefreshOptions {
  config?: string
  file?: string
}

/** `reliw trusted-proxies refresh`: fetches the blocks of presets; in effect after a restart. */
export async function refresh(shell: Shell, options: RefreshOptions): Promise<void> {
  const { file: given, config } = options
  const file = given ?? loadConfig(config, shell).settings.trusted_proxies_file
  if (file === undefined)
    throw new UsageError('Set "trusted_proxies_file" in the config, or name a file with --file.')
  for (const { provider, count, added, removed } of await refreshFile(resolve(shell.cwd(), file))) {
    say(shell, `${provider}: ${count} blocks, ${added.length} added, ${removed.length} removed`)
    for (const block of added) say(shell, `+ ${block}`)
    for (const block of removed) say(shell, `- ${block}`)
  }
  say(shell, `${file}: in effect after a restart`)
}

/**
 * Replaces the blocks in a file with the currently published ones of each provider.
 *
 * @throws NotRefreshed, or ConfigError for a file with other content; the file is unchanged then
 */
export async function refreshFile(
  file: string,
  sources?: Sources,
  now?: Date
): Promise<readonly Refreshed[]> {
  const { published, changes } = await refreshProxies(readPublished(file), sources, now)
  const next = `${file}.${process.pid}`
  await writeFile(next, `${JSON.stringify(published, undefined, 2)}\n`)
  await rename(next, file)
  return changes
}
