import { ANY_HOST, type Store, type WafAction, type WafMode, WafRules } from '@reliw/model'
import { explain, type Finding } from '@reliw/waf/explain'
import { parseJson } from './parse-json.ts'
import { toBytes, toText } from './byte-strings.ts'
import { WrongRules } from './errors.ts'

/** The rules of one host, or of all hosts (`__`). */
export interface StoredRules {
  owner: string
  rules: WafRules
  /** The rules as they are stored. */
  written: object
}

/** A request for testing rules, which is not sent. */
export interface ImaginedRequest {
  host: string
  method: string
  /** Path and query. */
  target: string
  /** Name, value, name, value, … When Host is missing, `host` is added. */
  headers: readonly string[]
}

/** Mode and action where neither the host's rules nor the rules of all hosts set them. */
export interface WafDefaults {
  mode: WafMode
  action: WafAction
}

/** The firewall's verdict on a request. */
export interface Verdict extends WafDefaults {
  verdict: 'pass' | 'detect' | 'block'
  /** The rule that decides; undefined when none does. */
  rule: string | undefined
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
 * Evaluates rules against a request: returns the matches and what would be done with the request.
 *
 * @throws WrongRules
 */
export async function testRules(
  store: Store,
  { host, method, target, headers }: ImaginedRequest,
  defaults: WafDefaults
): Promise<Verdict> {
  const all = await rulesOf(store, ANY_HOST)
  const own = host === ANY_HOST ? undefined : await rulesOf(store, host)
  const rawHeaders = withHost(host, headers).map(toBytes)
  const request = { method, target: toBytes(target), headers: rawHeaders }
  const findings = explain(host, { all, own }, request).map(asText)
  const mode = own?.mode ?? all?.mode ?? defaults.mode
  const action = own?.action ?? all?.action ?? defaults.action
  const rule = findings.find(({ isExcluded }) => !isExcluded)?.rule
  const verdict = rule === undefined || mode === 'off' ? 'pass' : mode
  return { verdict, rule, mode, action, findings }
}

async function rulesOf({ driver, keys }: Store, owner: string): Promise<WafRules | undefined> {
  const raw = await driver.hashField(keys.waf(), owner)
  return raw && read(owner, raw).rules
}

function read(owner: string, raw: Buffer): StoredRules {
  const written = parseJson(raw)
  const { data: rules } = WafRules.safeParse(written)
  if (rules === undefined) throw new WrongRules(owner)
  return { owner, rules, written: written as object }
}

/** The headers with Host, which every request has. */
function withHost(host: string, headers: readonly string[]): readonly string[] {
  const isGiven = headers.some((word, at) => at % 2 === 0 && word.toLowerCase() === 'host')
  return isGiven ? headers : ['Host', host, ...headers]
}

function asText({ pattern, value, readAs, ...rest }: Finding): Finding {
  const form = readAs === undefined ? {} : { readAs: toText(readAs) }
  return { ...rest, pattern: toText(pattern), value: toText(value), ...form }
}
