import type { Random } from '@reliw/testing'
import { registeredNames, trustedNames } from './field-names.ts'
import { hostileValue, invalidValue } from './hostile-values.ts'

/** What an origin answers to one request. */
export interface ResponseCase {
  /** The pieces in which it is sent, one character per byte. */
  readonly pieces: readonly string[]
  /** What it does afterwards. */
  readonly ending: 'open' | 'closed' | 'reset'
  /** How the client asks. */
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** What has to come of it at the client; undefined where something about it is malformed. */
  readonly expected: ExpectedResponse | undefined
}

export interface ExpectedResponse {
  readonly status: number
  readonly body: string
  /** Names in small letters, in order of their names. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** End at each connection, or are made anew for each. */
const OF_THE_CONNECTION =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|close|http2-settings|proxy-.*)$/
/** Name places, which are another's here, or say what only we know. */
const REWRITTEN =
  /^(?:location|content-location|set-cookie|access-control-allow-origin|refresh|link|destination|via|date|x-request-id|remote-.*|x-forwarded-.*|x-accel-redirect|x-sendfile)$/
const STATUSES = [200, 200, 200, 200, 201, 203, 204, 206, 226, 299, 300, 301, 304, 308, 400, 401]
const MORE = [
  403, 404, 405, 407, 408, 412, 413, 416, 418, 421, 425, 429, 451, 499, 500, 501, 503, 511, 599
]
const REASONS = ['OK', '', 'Not \xfcbel', 'a\tb', 'x'.repeat(500)]
const ODD_STATUS_LINES = [
  'HTTP/1.1 600 x',
  'HTTP/1.1 999 x',
  'HTTP/1.1 99 x',
  'HTTP/1.1 000 x',
  'HTTP/1.1 101 Over',
  'HTTP/1.1 100 Continue',
  'HTTP/1.0 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/2 200 OK',
  'ICY 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1  200 OK',
  ' HTTP/1.1 200 OK',
  'HTTP/1.1 200 O\0K',
  'HTTP/1.1 -20 OK'
]
const FRAMINGS = [
  ['Content-Length: 5', 'Content-Length: 6'],
  ['Content-Length: 5', 'Transfer-Encoding: chunked'],
  ['Content-Length: 5, 5'],
  ['Content-Length: -5'],
  ['Content-Length: 99999999999999999999'],
  ['Content-Length: 50'],
  ['Content-Length:'],
  ['Transfer-Encoding: gzip, chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: identity'],
  ['Content-Length: 2'],
  []
]
const INTERIM = [
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 102 Processing',
  'HTTP/1.1 103 Early Hints',
  'HTTP/1.1 110 x',
  'HTTP/1.1 199 \xff'
]

/** A case whose field name is the one of its number, so that all of them come in turn. */
export function responseCase(random: Random, index: number): ResponseCase {
  const { below, pick } = random
  const method = pick(['GET', 'GET', 'GET', 'HEAD', 'POST'] as const)
  const names = [...registeredNames, ...trustedNames]
  const isOdd = below(4) === 0
  const status = below(3) === 0 ? pick(MORE) : pick(STATUSES)
  const body = bodyOf(random)
  const fields = [field(random, names[index % names.length] ?? 'X')]
  for (let count = pick([0, 0, 1, 2, 10]); count > 0; count -= 1) {
    fields.push(field(random, pick(names)))
  }
  const framed = isOdd && below(2) === 0 ? badlyFramed(random, body) : framing(random, body)
  const isBroken = isOdd && below(2) === 0
  const lines = fields.map(([name, value]) => `${name}: ${value}`)
  if (isBroken) lines.push(`${pick(names)}: ${invalidValue(random)}`)
  const isOddLine = isOdd && below(3) === 0
  const line = isOddLine ? pick(ODD_STATUS_LINES) : `HTTP/1.1 ${status} ${pick(REASONS)}`
  const head = [line, ...order(random, lines, framed.lines)].join('\r\n')
  const { interim, isValid } = interimOf(random)
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
  const whole = `${interim}${head}\r\n\r\n${hasBody ? framed.bytes : ''}`
  const isMutated = isOdd && below(2) === 0
  const bytes = isMutated ? random.mutate(whole, [whole, head]) : whole
  const isProper = !isMutated && !isBroken && !isOddLine && framed.isValid && isValid
  const isReset = !isProper && below(5) === 0
  return {
    pieces: piecesOf(random, bytes),
    ending: isReset ? 'reset' : isProper ? (hasBody ? framed.ending : 'open') : 'closed',
    method,
    expected:
      isProper && hasFields(fields) ? expectedOf(status, hasBody ? body : '', fields) : undefined
  }
}

type Field = readonly [name: string, value: string]

/** Those whose values frame a message are malformed with others. */
function hasFields(fields: readonly Field[]): boolean {
  return fields.every(
    ([name]) => !/^(?:content-length|transfer-encoding|upgrade|connection)$/i.test(name)
  )
}

function field(random: Random, name: string): Field {
  return [name, hostileValue(random)]
}

function expectedOf(status: number, body: string, fields: readonly Field[]): ExpectedResponse {
  return { status, body, headers: comparable(fields) }
}

/** Those that have to arrive as they were sent, in an order of their own. */
export function comparable(fields: readonly Field[]): Field[] {
  return fields
    .map(([name, value]): Field => [name.toLowerCase(), value.replaceAll(/^[ \t]+|[ \t]+$/g, '')])
    .filter(([name]) => !OF_THE_CONNECTION.test(name) && !REWRITTEN.test(name))
    .toSorted((one, other) => (one.join(':') < other.join(':') ? -1 : 1))
}

function bodyOf({ pick }: Random): string {
  return pick([
    '',
    'hello',
    '\0\xff\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    'x'.repeat(3000),
    'y'.repeat(100_000)
  ])
}

interface Framed {
  readonly lines: readonly string[]
  readonly bytes: string
  readonly isValid: boolean
  readonly ending: 'open' | 'closed'
}

function framing(random: Random, body: string): Framed {
  const kind = random.below(6)
  if (kind === 0) return { lines: [], bytes: body, isValid: true, ending: 'closed' }
  if (kind < 4) {
    const lines = [`Content-Length: ${body.length}`]
    return { lines, bytes: body, isValid: true, ending: 'open' }
  }
  const bytes = chunks(random, body)
  return { lines: ['Transfer-Encoding: chunked'], bytes, isValid: true, ending: 'open' }
}

function chunks(random: Random, body: string): string {
  const { below, pick } = random
  const pieces =
    below(3) === 0 && body.length < 5000
      ? body.split('')
      : random.cut(body, 6).filter((piece) => piece !== '')
  const extension = pick(['', '', ';a=b', ';a="x;y"'])
  const lines = pieces.map((piece) => `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`)
  const trailers = below(4) > 0 ? '' : `${pick(registeredNames)}: ${hostileValue(random)}\r\n`
  return `${lines.join('')}0\r\n${trailers}\r\n`
}

function badlyFramed(random: Random, body: string): Framed {
  const { below, pick } = random
  if (below(2) === 0) {
    const whole = chunks(random, body)
    const bytes = whole.slice(0, below(whole.length))
    return { lines: ['Transfer-Encoding: chunked'], bytes, isValid: false, ending: 'closed' }
  }
  return { lines: pick(FRAMINGS), bytes: body, isValid: false, ending: 'closed' }
}

function interimOf(random: Random): { interim: string; isValid: boolean } {
  const { below, pick } = random
  if (below(6) > 0) return { interim: '', isValid: true }
  const count = pick([1, 1, 2, 3, 5, 500])
  const one = `${pick(INTERIM)}\r\nLink: ${hostileValue(random)}\r\nX-A: ${hostileValue(random)}\r\n\r\n`
  // How many are too many is the proxy's to say.
  return { interim: one.repeat(count), isValid: count < 4 }
}

function order({ below }: Random, lines: readonly string[], framed: readonly string[]): string[] {
  return below(2) === 0 ? [...framed, ...lines] : [...lines, ...framed]
}

function piecesOf(random: Random, bytes: string): string[] {
  const kind = random.below(10)
  if (kind === 0 && bytes.length < 3000) return bytes.split('')
  return kind < 4 ? random.cut(bytes, 6) : [bytes]
}
