import { styleText } from 'node:util'
import { cut } from './cut.ts'
import type { Terminal } from '../terminal.ts'

/** The fields of an access log line that are shown. */
export interface RequestLine {
  ts?: number
  status?: number
  method?: string
  vhost?: string
  path?: string
  size?: number
  time?: number
  error?: string
  aborted?: true
}

/** Colours by class of status; 1xx has none. */
const COLOURS = [undefined, undefined, 'green', 'cyan', 'yellow', 'red'] as const
/** The least that is left of the request's target. */
const LEAST_TARGET = 8
const LONGEST_NOTE = 30

/** A request in one line that is no wider than the terminal; host and path are cut where they do not fit. */
export function describeRequest(line: RequestLine, { columns, isColoured }: Terminal): string {
  const { ts = 0, status = 0, method = '', vhost = '', path = '', size = 0, time = 0 } = line
  const before = `${timeOfDay(ts)} `
  const after = [sizeOf(size), durationOf(time), noteOf(line)].filter(Boolean).join(' ')
  const taken = before.length + `${status} ${method}  `.length + after.length
  const target = cut(vhost + path, Math.max(LEAST_TARGET, columns() - taken))
  const colour = isColoured ? COLOURS[Math.floor(status / 100)] : undefined
  const shown = colour ? styleText(colour, String(status), { validateStream: false }) : status
  return `${before}${shown} ${method} ${target} ${after}\n`
}

function timeOfDay(ts: number): string {
  const date = new Date(ts)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [unit, amount] = bytes < 999_500 ? ['kB', bytes / 1e3] : ['MB', bytes / 1e6]
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${unit}`
}

function durationOf(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 9950 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`
}

/** Why a request failed: `no site` for RELIW_CONTENT_NO_SITE, `waf blocked` for RELIW_WAF_BLOCKED. */
function noteOf({ error, aborted }: RequestLine): string {
  const words = error?.replace(/^RELIW_(?:CONTENT_)?/, '').replaceAll('_', ' ')
  const reason = words === error ? error : words?.toLowerCase()
  return cut([reason, aborted && 'aborted'].filter(Boolean).join(', '), LONGEST_NOTE)
}
