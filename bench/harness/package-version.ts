import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The version of a package that the benchmarks depend on. */
export function packageVersion(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version
}
