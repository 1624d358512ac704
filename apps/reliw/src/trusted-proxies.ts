import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { blocksOf, PublishedProxies } from '@reliw/limits/trusted-proxies'
import { type Cidr, describeIssues } from '@reliw/options'
import type { Settings } from './config.ts'
import { ConfigError } from './config-error.ts'

/**
 * The blocks of `trusted_proxies`. Those that providers publish come from `trusted_proxies_file`, or with RELIW until
 * there is such a file.
 *
 * @param dir the folder that a relative path is resolved against
 * @throws ConfigError for a file with other content, which is not replaced by older blocks without notice
 */
export function trustedBlocks(
  settings: Pick<Settings, 'trusted_proxies' | 'trusted_proxies_file'>,
  dir = process.cwd()
): Cidr[] {
  const { trusted_proxies: proxies, trusted_proxies_file: file } = settings
  return blocksOf(proxies, file === undefined ? undefined : readPublished(resolve(dir, file)))
}

/**
 * Reads blocks that `reliw trusted-proxies refresh` has written.
 *
 * @returns undefined without a file
 * @throws ConfigError
 */
export function readPublished(file: string): PublishedProxies | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const result = PublishedProxies.safeParse(parsed(text))
  if (result.success) return result.data
  const issues = describeIssues(PublishedProxies, result.error)
  throw new ConfigError(file, [...issues, 'delete it, and run `reliw trusted-proxies refresh`'])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
