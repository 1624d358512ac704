import { prettyFactory } from 'pino-pretty'

/** The fields of log lines that are reformatted. */
interface Line {
  msg: string
  status?: number
  method?: string
  vhost?: string
  path?: string
  size?: number
  time?: number
  audit?: true
  event?: string
}

/**
 * security: an attacker may send C1 control characters, which some terminals run as commands and pino-pretty lets pass.
 */
const C1 = /[\x80-\x9F]/g

/** Creates a function that formats a JSON log line for a terminal. */
export function createTerminalFormat(): (line: string) => string {
  const format = prettyFactory({ timestampKey: 'ts', singleLine: true })
  return (line) => format(readable(JSON.parse(line) as Line)).replaceAll(C1, '?')
}

/** Request and audit lines become sentences, followed by the remaining fields. */
function readable(line: Line): object {
  if (line.msg === 'request') {
    const { status, method, vhost, path, size, time, msg: _, ...rest } = line
    return { ...rest, msg: `${status} ${method} ${vhost}${path} ${size} B ${time} ms` }
  }
  if (line.msg === 'audit') {
    const { audit: _, event, vhost, msg, ...rest } = line
    return { ...rest, msg: [`${msg}: ${event}`, vhost].filter(Boolean).join(', ') }
  }
  return line
}
