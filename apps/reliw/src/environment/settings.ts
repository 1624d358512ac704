import type { Config } from '../config.ts'

/** One key of the config from a place other than the file. */
export interface Setting {
  path: readonly string[]
  value: unknown
  /** Where it is from: `--port`, `$RELIW_PORT`. */
  from: string
}

/** Puts settings over a config, in their order: later ones take precedence. The config stays as it is. */
export function applySettings(config: object, settings: readonly Setting[]): Config {
  return settings.reduce<object>((input, { path, value }) => put(input, path, value), config)
}

/** Settings of whole objects before those of their keys. */
export function byDepth(settings: readonly Setting[]): Setting[] {
  return settings.toSorted((a, b) => a.path.length - b.path.length)
}

/** Adds to each validation issue where its value is from, unless it is from the file. */
export function nameSources(issues: readonly string[], settings: readonly Setting[]): string[] {
  return issues.map((issue) => {
    const source = settings.findLast(({ path }) => isAbout(issue, path.join('.')))
    return source === undefined ? issue : `${issue} (${source.from})`
  })
}

/** Whether an issue, such as `metrics.port: expected …`, is of a key or of something in it. */
function isAbout(issue: string, key: string): boolean {
  return issue.startsWith(key) && /^[:.[]/.test(issue.slice(key.length))
}

function put(input: object, [key = '', ...rest]: readonly string[], value: unknown): object {
  if (rest.length === 0) return { ...input, [key]: value }
  const before = (input as Record<string, unknown>)[key]
  return { ...input, [key]: put(isObject(before) ? before : {}, rest, value) }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
