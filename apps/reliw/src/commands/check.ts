import { findGeoIssues } from '@reliw/access/geo'
import { idleOptions } from '../idle-options.ts'
import { ConfigError } from '../config-error.ts'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { findLogFiles } from '../operations/site/find-log-files.ts'
import { checkStore, type Findings } from '../operations/site/check-store.ts'
import { say, type Shell } from '../shell.ts'
import { findUncounted, type Uncounted } from '../uncounted-hosts.ts'
import { trustedBlocks } from '../trusted-proxies.ts'
import { withStore } from './with-store.ts'

/** Shown in place of the file when there is no config file. */
const DEFAULTS = 'default config'

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
  const issues: string[] = []
  let warnings: string[] = []
  let loaded: LoadedConfig | undefined
  try {
    loaded = loadConfig(file, shell, { listens: true })
    const { file: name, input, settings, dir } = loaded
    trustedBlocks(settings, dir)
    const mistakes = [...idleOptions(input), ...(await findGeoIssues(settings.geo))]
    issues.push(...mistakes.map((issue) => `${name}: ${issue}`))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    issues.push(...error.issues.map((issue) => `${error.file}: ${issue}`))
  }
  if (loaded !== undefined && options.store) {
    const { file: name = DEFAULTS, settings } = loaded
    const [found, uncounted, logs] = await withStore(loaded, async (store) =>
      Promise.all([
        checkStore(store, settings.geo),
        findUncounted(store, settings.rate_limits),
        settings.access_log_dir === undefined ? findLogFiles(store) : []
      ])
    )
    issues.push(...found.issues, ...logs)
    warnings = [...found.warnings, ...warningsOf(name, uncounted)]
  }
  if (issues.length > 0) shell.exitCode = 1
  if (options.json) say(shell, JSON.stringify({ mistakes: issues, warnings }))
  else print(shell, loaded?.file, { issues, warnings })
}

function warningsOf(file: string, uncounted: Uncounted | undefined): string[] {
  if (uncounted === undefined) return []
  const { hosts, count, issues } = uncounted
  const more = count > hosts.length ? ', …' : ''
  return issues.map((issue) => `${file}: ${issue} (${count}: ${hosts.join(', ')}${more})`)
}

function print(shell: Shell, file: string = DEFAULTS, { issues, warnings }: Findings): void {
  if (issues.length === 0) say(shell, `${file}: valid`)
  for (const issue of issues) shell.stderr.write(`${issue}\n`)
  for (const warning of warnings) shell.stderr.write(`warning: ${warning}\n`)
}
