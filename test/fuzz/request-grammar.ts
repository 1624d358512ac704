import type { Random } from '@reliw/testing'
import { HOSTS, PATHS } from './client-sites.ts'
import { registeredNames, trustedNames } from './field-names.ts'
import { hostileValue, invalidValue, utf8 } from './hostile-values.ts'

/** What one connection of a client sends. */
export interface RequestCase {
  /** One character each. */
  readonly bytes: string
  /** What follows: an open connection, or FIN. */
  readonly ending: 'open' | 'half-closed'
  readonly pace: 'whole' | 'pieces' | 'byte by byte'
  /** The method of the only request, where nothing about it is malformed: its response has to be whole. */
  readonly proper: string | undefined
}

interface Message {
  readonly bytes: string
  readonly method: string
  readonly isProper: boolean
}

const METHODS = [
  ...Array<string>(12).fill('GET'),
  ...'HEAD HEAD POST POST PUT DELETE OPTIONS PATCH TRACE CONNECT'.split(' '),
  ...'PROPFIND MOVE QUERY M-SEARCH PRI SOURCE'.split(' ')
]
const ODD_METHODS = ['get', 'GE(T', '', 'G'.repeat(300), 'GET\x00', 'P\xd6ST', '"GET"', '\r\nGET']
const VERSIONS = [...Array<string>(20).fill('HTTP/1.1'), 'HTTP/1.0', 'HTTP/1.0']
const ODD_VERSIONS = [
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.1 ',
  'http/1.1',
  'HTTP/11',
  'x',
  ''
]
const SUFFIXES = [
  '?a=b&c',
  '?',
  '?%',
  '?%00',
  '?q=union+select',
  `?${'a=1&'.repeat(500)}`,
  '/%2e%2e/x',
  '/..%2fx',
  '/%5c',
  '%',
  '%zz',
  '%00',
  '%ff',
  '%C3%A9',
  '%2525',
  '%2F',
  ';v=1',
  '//x',
  '/./x',
  '/../x',
  '/.git/config',
  '\\x',
  '#frag',
  '\x7f',
  '\xc3\xa9',
  '\xff',
  '|"<>^`{}',
  `/${'long'.repeat(1500)}`,
  `/${'a/'.repeat(400)}`,
  '?provider=x',
  '?next=//evil'
]
const ODD_TARGETS = [
  '*',
  '',
  'x',
  'proxied.test:80',
  '?',
  '//',
  '///a',
  '\\',
  'http://',
  'http:///x'
]
const CHUNK_EXTENSIONS = ['', '', '', ';a', ';a=b', ';a="b;c"', ` ;a`, `;${'x'.repeat(2000)}`]
const FORM = 'login=ada&password=wrong&next=/page'

/** A case of the grammar, or one of its mutations. */
export function requestCase(random: Random): RequestCase {
  const { below, pick } = random
  const count = pick([1, 1, 1, 1, 1, 1, 2, 3, 6])
  const messages = Array.from({ length: count }, () => message(random))
  const whole = messages.map(({ bytes }) => bytes).join('')
  const isMutated = below(5) === 0
  const other = isMutated ? message(random).bytes : ''
  const [first] = messages
  const bytes = isMutated ? random.mutate(whole, [other, whole]) : whole
  const ending = below(10) === 0 ? 'half-closed' : 'open'
  // A client that wants another protocol, and says no more in it, may be taken to have left.
  const isGone = ending === 'half-closed' && /^upgrade:/im.test(bytes)
  const isProper = count === 1 && !isMutated && !isGone && first?.isProper === true
  return {
    bytes,
    ending,
    pace: paceOf(random, whole.length),
    proper: isProper ? first.method : undefined
  }
}

function paceOf({ below }: Random, length: number): RequestCase['pace'] {
  const chance = below(20)
  if (chance === 0 && length < 600) return 'byte by byte'
  return chance < 4 ? 'pieces' : 'whole'
}

function message(random: Random): Message {
  const { below, pick } = random
  const isOdd = below(8) === 0
  const method = isOdd && below(3) === 0 ? pick(ODD_METHODS) : pick(METHODS)
  const version = isOdd && below(3) === 0 ? pick(ODD_VERSIONS) : pick(VERSIONS)
  const host = pick(HOSTS)
  const line = `${method} ${target(random, host, isOdd)} ${version}`
  const { lines, body, isWhole } = content(random, method)
  const isBroken = below(20) === 0
  const fields = [...hostLines(random, host, isOdd), ...someFields(random, isBroken), ...lines]
  const head = [line, ...shuffle(random, fields)].join('\r\n')
  return {
    method,
    bytes: `${head}\r\n\r\n${body}`,
    isProper: !isOdd && !isBroken && isWhole && method !== 'CONNECT'
  }
}

function target(random: Random, host: string, isOdd: boolean): string {
  const { below, pick } = random
  if (isOdd && below(3) === 0) return pick(ODD_TARGETS)
  const path = `${pick(PATHS)}${below(3) === 0 ? pick(SUFFIXES) : ''}`
  const authority = below(2) === 0 ? host : pick(HOSTS)
  return below(15) === 0 ? `http://${authority}${path}` : path
}

function hostLines({ below, pick }: Random, host: string, isOdd: boolean): string[] {
  if (!isOdd || below(2) > 0) return [`Host: ${host}`]
  return pick([
    [],
    ['Host:'],
    [`Host: ${host}`, `Host: ${host}`],
    [`Host: ${host}:`],
    [`Host: ${host.toUpperCase()}.:8080`],
    [`Host: ${host}, x`],
    [`Host: [::1]`],
    ['Host: \xff\xfe.test'],
    [`Host: ${utf8('ü')}.test`],
    [`Host: ${'a'.repeat(300)}`],
    [`Host: ../../etc`],
    [`Host: __`],
    [`Host : ${host}`],
    [` Host: ${host}`]
  ])
}

function someFields(random: Random, isBroken: boolean): string[] {
  const { below, pick } = random
  const count = pick([0, 0, 1, 1, 2, 3, 8])
  // What frames a message, or says where it goes, is said elsewhere.
  const isOurs = /^(?:content-length|transfer-encoding|host|connection|upgrade|expect)$/i
  const names = Array.from({ length: count }, () =>
    pick(below(4) === 0 ? trustedNames : registeredNames)
  )
  const fields = names
    .filter((name) => !isOurs.test(name))
    .map((name) => `${name}: ${hostileValue(random)}`)
  const special = below(12)
  if (special === 0) fields.push(...upgradeLines(random))
  if (special === 1) fields.push(`Connection: ${hostileValue(random)}`)
  if (special === 2) fields.push('Connection: keep-alive, close, , X-Api-Key, Content-Length')
  if (isBroken) fields.push(`${pick(registeredNames)}: ${invalidValue(random)}`)
  return fields
}

function upgradeLines({ pick }: Random): string[] {
  return [
    `Upgrade: ${pick(['websocket', 'h2c', 'TLS/1.0', 'x, websocket', ''])}`,
    `Connection: ${pick(['Upgrade', 'upgrade, HTTP2-Settings', 'close, Upgrade', 'Keep-Alive'])}`,
    `Sec-WebSocket-Key: ${pick(['dGhlIHNhbXBsZSBub25jZQ==', '', 'x'])}`,
    `Sec-WebSocket-Version: ${pick(['13', '8', ''])}`
  ]
}

interface Content {
  readonly lines: string[]
  readonly body: string
  /** Whether it is framed well, and all of it is there. */
  readonly isWhole: boolean
}

function content(random: Random, method: string): Content {
  const { below, pick } = random
  const hasBody = method === 'POST' || method === 'PUT' || below(12) === 0
  if (!hasBody) return { lines: [], body: '', isWhole: true }
  const data = pick(['', 'hello', FORM, '\0\xff'.repeat(100), 'x'.repeat(70_000)])
  const expect = pick([[], [], [], [], ['Expect: 100-continue'], ['Expect: 200-ok']])
  const type = pick([[], ['Content-Type: application/x-www-form-urlencoded']])
  const lines = [...expect, ...type]
  const kind = below(10)
  if (kind < 4) {
    return { lines: [`Content-Length: ${data.length}`, ...lines], body: data, isWhole: true }
  }
  if (kind < 7) return { ...chunked(random, data), lines: [...lines, 'Transfer-Encoding: chunked'] }
  return { lines: [...pick(BAD_FRAMINGS), ...lines], body: data, isWhole: false }
}

const BAD_FRAMINGS = [
  ['Content-Length: 10', 'Content-Length: 5'],
  ['Content-Length: 5', 'Transfer-Encoding: chunked'],
  ['Content-Length: -1'],
  ['Content-Length: 99999'],
  ['Content-Length: 99999999999999999999'],
  ['Content-Length: 5, 5'],
  ['Content-Length: +5'],
  ['Content-Length:'],
  ['Transfer-Encoding: gzip'],
  ['Transfer-Encoding: chunked, gzip'],
  ['Transfer-Encoding: gzip, chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: \x0bchunked'],
  ['Transfer-Encoding : chunked']
]

function chunked(random: Random, data: string): Pick<Content, 'body' | 'isWhole'> {
  const { below, pick } = random
  const pieces = random.cut(data, 5).filter((piece) => piece !== '')
  const chunks = pieces.map(
    (piece) => `${piece.length.toString(16)}${pick(CHUNK_EXTENSIONS)}\r\n${piece}\r\n`
  )
  const trailers = below(3) > 0 ? '' : `${pick(registeredNames)}: ${hostileValue(random)}\r\n`
  const isCut = below(8) === 0
  // Trailers and extensions may be refused, after what was forwarded of them.
  const isWhole = !isCut && trailers === '' && chunks.every((chunk) => !chunk.includes(';'))
  return { body: chunks.join('') + (isCut ? '' : `0\r\n${trailers}\r\n`), isWhole }
}

function shuffle<T>({ below }: Random, list: readonly T[]): T[] {
  const shuffled = [...list]
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = below(index + 1)
    const [one, two] = [shuffled[index] as T, shuffled[other] as T]
    shuffled[index] = two
    shuffled[other] = one
  }
  return shuffled
}
