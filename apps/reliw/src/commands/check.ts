import { idleOptions } from '../idle-options.ts'
import { ConfigError } from '../config-error.ts'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { checkStore } from '../operations/site/check-store.ts'
import { say, type Shell } from '../shell.ts'
import { findUncounted, type Uncounted } from '../uncounted-hosts.ts'
import { withStore } from './with-store.ts'

interface CheckOptions {
  store?: boolean
  json?: boolean
}

/** `reliw check`: reports all validation issues at once, and with --store unused and unreachable parts of sites. */
export async function check(
  shell: Shell,
  file: string | undefined,
  options: CheckOptions
): Promise<void> {
  const mistakes: string[] = []
  let warnings: string[] = []
  let loaded: LoadedConfig | undefined
  try {
    loaded = loadConfig(file, shell)
    const { file: name, input } = loaded
    mistakes.push(...idleOptions(input).map((mistake) => `${name}: ${mistake}`))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    mistakes.push(...error.mistakes.map((mistake) => `${error.file}: ${mistake}`))
  }
  if (loaded !== undefined && options.store) {
    const { file: name = 'the defaults', settings } = loaded
    const [found, uncounted] = await withStore(loaded, async (store) =>
      Promise.all([checkStore(store), findUncounted(store, settings.rate_limits)])
    )
    mistakes.push(...found.mistakes)
    warnings = [...found.warnings, ...warningsOf(name, uncounted)]
  }
  if (mistakes.length > 0) shell.exitCode = 1
  if (options.json) say(shell, JSON.stringify({ mistakes, warnings }))
  else print(shell, mistakes, warnings, loaded?.file)
}

function warningsOf(file: string, uncounted: Uncounted | undefined): string[] {
  if (uncounted === undefined) return []
  const { hosts, count, mistakes } = uncounted
  const more = count > hosts.length ? ', …' : ''
  return mistakes.map((mistake) => `${file}: ${mistake} (${count}: ${hosts.join(', ')}${more})`)
}

function print(
  shell: Shell,
  mistakes: string[],
  warnings: string[],
  file: string | undefined
): void {
  if (mistakes.length === 0) say(shell, `${file ?? 'the defaults'}: no mistakes`)
  for (const mistake of mistakes) shell.stderr.write(`${mistake}\n`)
  for (const warning of warnings) shell.stderr.write(`warning: ${warning}\n`)
}
