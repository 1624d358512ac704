import { InvalidValue, type Store, type WafAction, type WafMode, WafRules } from '@reliw/model'
import { normalizeHost } from '@reliw/options'
import {
  explain,
  type Explanation,
  type Finding,
  type HypotheticalRequest
} from '@reliw/waf/explain'
import type { Config } from '../config.ts'
import { parseJson } from './parse-json.ts'
import { toBytes, toText } from './byte-strings.ts'
import { InvalidInput, WrongRules } from './errors.ts'

/** The rules of one host, or of all hosts (`__`). */
export interface StoredRules {
  owner: string
  rules: WafRules
  /** The rules as they are stored. */
  written: object
}

/** What the firewall would do with a request. */
export interface TestResult {
  verdict: 'pass' | 'detect' | 'block'
  /** The rule that decides; undefined when none does. */
  rule: string | undefined
  /** Whether the rule exhausted the budget instead of matching. */
  isOverBudget: boolean
  mode: WafMode
  action: WafAction
  findings: Finding[]
}

/**
 * The rules of all owners that have rules, or of one owner.
 *
 * @throws WrongRules
 */
export async function listRules(
  { driver, keys }: Store,
  owner: string | undefined
): Promise<StoredRules[]> {
  const fields = Object.entries((await driver.hash(keys.waf())) ?? {})
  const chosen = fields.filter(([name]) => owner === undefined || name === owner)
  return chosen.map(([name, raw]) => read(name, raw))
}

/**
 * Replaces the rules of a host, or of all hosts (`__`). They are in force for the next request.
 *
 * @param value JSON, which is stored as it is
 * @throws InvalidValue, or InvalidKey for the owner
 */
export async function setRules(
  { driver, keys }: Store,
  owner: string,
  value: Buffer
): Promise<WafRules> {
  keys.check(keys.waf(), value, owner)
  await driver.write([{ op: 'hset', key: keys.waf(), fields: { [owner]: value } }])
  return read(owner, value).rules
}

/**
 * Evaluates rules against a request, as the firewall of a server with this config does.
 *
 * @param request as text; when Host is missing in its headers, its host is added
 * @throws WrongRules, or InvalidInput when Host is another host
 */
export async function testRules(
  store: Store,
  { host, method, target, headers }: HypotheticalRequest,
  config: Config['waf']
): Promise<TestResult> {
  const request = {
    host,
    method,
    target: toBytes(target),
    headers: withHost(host, headers).map(toBytes)
  }
  const { verdict, mode, action, findings } = await explainOrName({ ...config, store }, request)
  return {
    verdict: verdict?.action ?? 'pass',
    rule: verdict?.rule,
    isOverBudget: verdict?.isOverBudget ?? false,
    mode,
    action,
    findings: findings.map(asText)
  }
}

/** Explains; invalid rules are named by their owner. */
async function explainOrName(...args: Parameters<typeof explain>): Promise<Explanation> {
  try {
    return await explain(...args)
  } catch (error) {
    const owner = error instanceof InvalidValue ? error.key.split(' ')[1] : undefined
    throw owner === undefined ? error : new WrongRules(owner)
  }
}

function read(owner: string, raw: Buffer): StoredRules {
  const written = parseJson(raw)
  const { data: rules } = WafRules.safeParse(written)
  if (rules === undefined) throw new WrongRules(owner)
  return { owner, rules, written: written as object }
}

/** The headers with Host, which every request has. */
function withHost(host: string, headers: readonly string[]): readonly string[] {
  const at = headers.findIndex((word, n) => n % 2 === 0 && word.toLowerCase() === 'host')
  if (at === -1) return ['Host', host, ...headers]
  if (normalizeHost(headers[at + 1] ?? '') === host) return headers
  throw new InvalidInput([`Host is not ${host}`])
}

function asText({ pattern, value, readAs, ...rest }: Finding): Finding {
  const form = readAs === undefined ? {} : { readAs: toText(readAs) }
  return { ...rest, pattern: toText(pattern), value: toText(value), ...form }
}
