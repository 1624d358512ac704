import { nearest } from '@reliw/options'
import type * as z from 'zod'
import type { Setting } from './settings.ts'
import { isCollection, valueOf } from './value-of.ts'
import { PREFIX, SEPARATOR, type Variables, variablesOf } from './variables.ts'

const CONFIG_FILE = `${PREFIX}CONFIG_FILE`
/** Variables with the prefix that are not keys of the config: the config file, and what the project's tests read. */
const OTHERS = [
  CONFIG_FILE,
  ...['REDIS_SERVER', 'SEED', 'TEST_LENGTH'].map((name) => PREFIX + name)
]
/** Variables that Kubernetes sets for a service whose name begins with `reliw`: they are no settings. */
const OF_SERVICE =
  /^RELIW_(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)\w*)$/
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//

/** The settings in the environment, and one line for each variable that cannot be one. */
export interface Environment {
  settings: Setting[]
  issues: string[]
}

/**
 * Reads every `RELIW_…` variable as the key of a config that it names. Empty variables count as not set.
 *
 * security: a value may be a password, so no issue contains one.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, schema: z.ZodType): Environment {
  const variables = variablesOf(schema)
  const found: Environment = { settings: [], issues: [] }
  for (const [name, text = ''] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === '' || isOther(name, text)) continue
    const path = variables.get(name)
    const result =
      path === undefined ? describeUnknown(name, variables, schema) : valueOf(text, schema, path)
    if (typeof result === 'string') found.issues.push(`${name}: ${result}`)
    else if (path !== undefined)
      found.settings.push({ path, value: result.value, from: `$${name}` })
  }
  return found
}

/** PORT and HOST, which platforms set for any server; RELIW_PORT and RELIW_IP take precedence. */
export function readServerVariables({ PORT = '', HOST = '' }: NodeJS.ProcessEnv): Setting[] {
  const settings: Setting[] = []
  if (PORT !== '') {
    settings.push({
      path: ['port'],
      value: /^\d+$/.test(PORT) ? Number(PORT) : PORT,
      from: '$PORT'
    })
  }
  if (HOST !== '') {
    settings.push({ path: ['ip'], value: HOST === 'localhost' ? '127.0.0.1' : HOST, from: '$HOST' })
  }
  return settings
}

function isOther(name: string, text: string): boolean {
  return (
    OTHERS.includes(name) ||
    OF_SERVICE.test(name) ||
    (name.endsWith('_PORT') && SERVICE_ADDRESS.test(text))
  )
}

function describeUnknown(name: string, variables: Variables, schema: z.ZodType): string {
  const whole = [...variables].find(
    ([parent, path]) => name.startsWith(parent + SEPARATOR) && isCollection(schema, path)
  )
  if (whole !== undefined) return `unknown variable: set ${whole[0]} as a whole, in JSON`
  // All names have the prefix: comparing it would make short names near to one another.
  const known = [...variables.keys(), CONFIG_FILE].map((each) => each.slice(PREFIX.length))
  const meant = nearest(name.slice(PREFIX.length), known)
  return `unknown variable${meant === undefined ? '' : `: did you mean ${PREFIX}${meant}?`}`
}
