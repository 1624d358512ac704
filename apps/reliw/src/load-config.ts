import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeIssues } from '@reliw/options'
import { Config, type Settings } from './config.ts'
import { ConfigError } from './config-error.ts'
import { describeSystemError } from './describe-system-error.ts'
import { readEnvironment, readServerVariables } from './environment/read-environment.ts'
import {
  applySettings,
  byDepth,
  isObject,
  nameSources,
  type Setting
} from './environment/settings.ts'
import type { Shell } from './shell.ts'

/** The default config files: the first one that exists is used. */
const PLACES = ['reliw.json', '/etc/reliw/config.json']
/** Named in errors when there is no config file. */
const NO_FILE = 'environment and command line'

/** A config with the file that it was loaded from. */
export interface LoadedConfig {
  /** Undefined when there is no file: all options have their defaults. */
  file: string | undefined
  input: Config
  settings: Settings
  /** The folder that relative paths are resolved against. */
  dir: string
  /** The variables and options that set something, such as `$RELIW_PORT` and `--port`. */
  overrides: string[]
}

/** Settings besides those of the file and of `RELIW_…` variables. */
export interface Overrides {
  /** Whether PORT and HOST count. */
  listens?: boolean
  /** Options of the command line, which take precedence over everything else. */
  flags?: readonly Setting[]
}

/**
 * Loads the named file, else the one in RELIW_CONFIG_FILE, else ./reliw.json, else /etc/reliw/config.json, else the
 * defaults. Variables take precedence over the file, options of the command line over variables.
 *
 * @param shell the environment and the working directory
 * @throws ConfigError
 */
export function loadConfig(
  named: string | undefined,
  shell: Pick<Shell, 'env' | 'cwd'> = process,
  { listens = false, flags = [] }: Overrides = {}
): LoadedConfig {
  const dir = shell.cwd()
  const file =
    named ??
    (shell.env['RELIW_CONFIG_FILE'] || undefined) ??
    PLACES.find((place) => existsSync(resolve(dir, place)))
  const environment = readEnvironment(shell.env, Config)
  const ofServer = listens ? readServerVariables(shell.env) : []
  const settings = [...ofServer, ...byDepth(environment.settings), ...flags]
  const read = file === undefined ? {} : readJson(file, dir)
  const input = isObject(read) ? applySettings(read, settings) : read
  const result = Config.safeParse(input)
  if (result.success && environment.issues.length === 0) {
    const overrides = settings.map(({ from }) => from)
    return { file, input: input as Config, settings: result.data, dir, overrides }
  }
  const issues = result.success ? [] : describeIssues(Config, result.error)
  throw new ConfigError(file ?? NO_FILE, [...environment.issues, ...nameSources(issues, settings)])
}

function readJson(file: string, dir: string): unknown {
  let text: string
  try {
    text = readFileSync(resolve(dir, file), 'utf8')
  } catch (error) {
    throw new ConfigError(file, [`cannot be read: ${describeSystemError(error)}`])
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(file, [`invalid JSON: ${(error as Error).message}`])
  }
}
