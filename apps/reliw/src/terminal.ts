import { prettyFactory } from 'pino-pretty'
import { describeRequest, type RequestLine } from './terminal/request-line.ts'
import { describeEmptyStore, describeStart, type StartLine } from './terminal/greeting.ts'

/** What lines are fitted to. */
export interface Terminal {
  /** Width in characters. */
  columns: () => number
  isColoured: boolean
  /** Whether every field of a line is shown, however long the line gets. */
  isVerbose: boolean
}

/** The fields of log lines that are reformatted. */
interface Line extends RequestLine {
  msg: string
  audit?: true
  event?: string
}

/**
 * security: an attacker may send C1 control characters, which some terminals run as commands and pino-pretty lets pass.
 */
const C1 = /[\x80-\x9F]/g

/** Creates a function that formats a JSON log line for a terminal. */
export function createTerminalFormat(terminal: Terminal): (line: string) => string {
  const { isVerbose, isColoured: colorize } = terminal
  const format = prettyFactory({
    timestampKey: 'ts',
    singleLine: true,
    colorize,
    errorLikeObjectKeys: ['err']
  })
  return (text) => {
    const line = JSON.parse(text) as Line
    const short = isVerbose ? undefined : shorten(line, terminal)
    return (short ?? format(readable(line))).replaceAll(C1, '?')
  }
}

/** The lines that have a short form: requests, and what is said at the start. */
function shorten(line: Line, terminal: Terminal): string | undefined {
  if (line.msg === 'request') return describeRequest(line, terminal)
  if (line.msg === 'started') return describeStart(line as unknown as StartLine, terminal)
  return line.msg === 'store has no sites' ? describeEmptyStore() : undefined
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
