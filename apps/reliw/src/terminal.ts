import { prettyFactory } from 'pino-pretty'

/** Fields of lines that are not shown as they are. */
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

/** Some terminals take these for the beginning of a command; pino-pretty lets them pass. */
const C1 = /[\x80-\x9F]/g

/** Makes a JSON line of the log one that reads well on a terminal. */
export function createTerminalFormat(): (line: string) => string {
  const format = prettyFactory({ timestampKey: 'ts', singleLine: true })
  return (line) => format(readable(JSON.parse(line) as Line)).replaceAll(C1, '?')
}

/** Requests and what is audited read as sentences; the rest of their fields follows. */
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
