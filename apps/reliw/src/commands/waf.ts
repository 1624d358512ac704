import { ANY_HOST, type WafRules } from '@reliw/model'
import type { Finding } from '@reliw/waf/explain'
import { loadConfig } from '../load-config.ts'
import { toText } from '../operations/byte-strings.ts'
import { WrongRules } from '../operations/errors.ts'
import * as waf from '../operations/waf-rules.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readHost, readSiteName } from './arguments.ts'
import { publishAudit } from './publish-audit.ts'
import { readValue } from './read-value.ts'
import { count, describeDate, toTable } from './table.ts'
import { withStore } from './with-store.ts'

/** A header name (RFC 9110 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

interface Configured {
  config?: string
}

/** `reliw waf list [HOST]` */
export async function listRules(
  shell: Shell,
  host: string | undefined,
  options: Configured & { json?: boolean }
): Promise<void> {
  const owner = host === undefined ? undefined : readOwner(host)
  const sets = await withStore(loadConfig(options.config, shell), async (store) =>
    pointingToCheck(waf.listRules(store, owner))
  )
  if (options.json) {
    const rules = sets.map(({ owner: name, written }) => ({ owner: name, ...written }))
    return say(shell, JSON.stringify({ rules }))
  }
  if (sets.length === 0) return say(shell, 'There are no rules.')
  const rows = sets.flatMap(({ owner: name, rules }) => rulesOf(name, rules))
  for (const line of toTable(['rule', 'pattern'], rows)) say(shell, line)
  for (const { owner: name, rules } of sets) describe(shell, name, rules)
}

/** `reliw waf set HOST RULES`: in force for the next request. */
export async function setRules(
  shell: Shell,
  host: string,
  value: string,
  options: Configured
): Promise<void> {
  const owner = readOwner(host)
  const raw = await readValue(shell, value)
  const rules = await withStore(loadConfig(options.config, shell), async (store) => {
    const set = await waf.setRules(store, owner, raw)
    await publishAudit(store, { event: 'waf rules set', host: owner })
    return set
  })
  say(shell, `${owner}: ${count(rulesOf(owner, rules).length, 'rule')} in force.`)
}

interface TestOptions extends Configured {
  host: string
  url: string
  header?: string[]
  method: string
  json?: boolean
}

/** `reliw waf test`: prints which rules match a request, and what would be done with it. */
export async function testRules(shell: Shell, options: TestOptions): Promise<void> {
  const host = readHost(options.host)
  const loaded = loadConfig(options.config, shell)
  const headers = (options.header ?? []).flatMap(readHeader)
  const request = { host, method: options.method, target: readTarget(options.url), headers }
  const { findings, ...result } = await withStore(loaded, async (store) =>
    pointingToCheck(waf.testRules(store, request, loaded.input.waf))
  )
  if (options.json)
    return say(shell, JSON.stringify({ ...result, rule: result.rule ?? null, findings }))
  for (const line of findings.map(describeFinding)) say(shell, line)
  say(shell, describeVerdict(result))
}

function describeVerdict(result: Omit<waf.TestResult, 'findings'>): string {
  const { verdict, rule, isOverBudget, mode, action } = result
  const by = `${rule}${isOverBudget ? ', which exhausts the budget' : ''}`
  if (verdict === 'block') return `Blocked by ${by}: ${JSON.stringify(action)}`
  if (rule !== undefined) return `Passed, and logged: ${by} (mode ${mode}).`
  return mode === 'off' ? 'Passed: mode is off.' : 'Passed.'
}

function describeFinding({ rule, pattern, where, value, readAs, isExcluded }: Finding): string {
  const excluded = isExcluded ? ' (excluded)' : ''
  const found =
    JSON.stringify(value) + (readAs === undefined ? '' : ` as ${JSON.stringify(readAs)}`)
  return `${rule} matches ${JSON.stringify(pattern)} in ${where}: ${found}${excluded}`
}

function describe(
  shell: Shell,
  owner: string,
  { mode, action, ip_header, exclusions }: WafRules
): void {
  const set = { mode, action, ip_header }
  const given = Object.entries(set).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) say(shell, `${owner}: ${name} is ${JSON.stringify(value)}`)
  for (const { expires, path, ...rest } of exclusions) {
    const until = describeDate(expires)
    const shown = path === undefined ? rest : { ...rest, path: toText(path.source) }
    const what = JSON.stringify(shown)
    say(shell, `${owner}: excluded ${what}${until === undefined ? '' : ` until ${until}`}`)
  }
}

function rulesOf(owner: string, { query, headers }: WafRules): string[][] {
  const ofHeaders = Object.entries(headers).flatMap(([name, patterns]) =>
    patterns.map(({ source }, at) => [`${owner}/header:${name}/${at + 1}`, toText(source)])
  )
  const ofQuery = query.map(({ source }, at) => [`${owner}/query/${at + 1}`, toText(source)])
  return [...ofQuery, ...ofHeaders]
}

/** Points to `reliw check --store`, which reports the issues of stored rules. */
async function pointingToCheck<T>(result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    if (!(error instanceof WrongRules)) throw error
    throw new UsageError(`${error.message}: \`reliw check --store\` lists the issues.`)
  }
}

function readOwner(host: string): string {
  return host === ANY_HOST ? host : readSiteName(host)
}

function readTarget(url: string): string {
  // A control character or a space would end the request line or the request.
  if (!/^\/[^\p{Cc} ]*$/u.test(url)) throw new UsageError('--url: expected a path, such as /x?y.')
  return url
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':')
  const [name, value] = [text.slice(0, colon), text.slice(colon + 1).trim()]
  if (colon < 1 || !TOKEN.test(name) || /[\r\n\0]/.test(value))
    throw new UsageError(`${JSON.stringify(text)} is not a header: write 'Name: value'.`)
  return [name, value]
}
