/** All validation issues of a config file, each on a line of its own. */
export class ConfigError extends Error {
  readonly file: string
  readonly mistakes: readonly string[]

  constructor(file: string, mistakes: readonly string[]) {
    super(`${file} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:`)
    this.name = 'ConfigError'
    this.file = file
    this.mistakes = mistakes
  }
}
