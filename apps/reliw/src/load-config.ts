import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeIssues } from '@reliw/options'
import { Config, type Settings } from './config.ts'
import { ConfigError } from './config-error.ts'
import { describeSystemError } from './describe-system-error.ts'
import type { Shell } from './shell.ts'

/** The default config files: the first one that exists is used. */
const PLACES = ['reliw.json', '/etc/reliw/config.json']

/** A config with the file that it was loaded from. */
export interface LoadedConfig {
  /** Undefined when there is no file: all options have their defaults. */
  file: string | undefined
  input: Config
  settings: Settings
  /** The folder that relative paths are resolved against. */
  dir: string
}

/**
 * Loads the named file, else the one in RELIW_CONFIG_FILE, else ./reliw.json, else /etc/reliw/config.json, else the
 * defaults.
 *
 * @param shell the environment and the working directory
 * @param overrides options of the command line, which take precedence over the file
 * @throws ConfigError
 */
export function loadConfig(
  named: string | undefined,
  shell: Pick<Shell, 'env' | 'cwd'> = process,
  overrides: Config = {}
): LoadedConfig {
  const dir = shell.cwd()
  const file =
    named ??
    shell.env['RELIW_CONFIG_FILE'] ??
    PLACES.find((place) => existsSync(resolve(dir, place)))
  const read = file === undefined ? {} : readJson(file, dir)
  const input = isObject(read) ? override(read, overrides) : read
  const result = Config.safeParse(input)
  if (result.success) return { file, input: input as Config, settings: result.data, dir }
  throw new ConfigError(file ?? 'command line', describeIssues(Config, result.error))
}

/** Options of `metrics` are overridden one by one. */
function override(read: Config, { metrics, ...overrides }: Config): Config {
  const input = { ...read, ...overrides }
  if (metrics === undefined) return input
  return { ...input, metrics: isObject(read.metrics) ? { ...read.metrics, ...metrics } : metrics }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
