/** All validation issues of a config file, each on a line of its own. */
export class ConfigError extends Error {
  readonly file: string
  readonly issues: readonly string[]

  constructor(file: string, issues: readonly string[]) {
    super(`Invalid configuration (${file}):`)
    this.name = 'ConfigError'
    this.file = file
    this.issues = issues
  }
}
