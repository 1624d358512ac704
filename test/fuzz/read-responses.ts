/** A response as a strict client reads it. */
export interface ReadResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Whether all of it came that its framing promises. */
  readonly isWhole: boolean
}

/** What came on a connection. */
export interface ReadResponses {
  /** Those of requests, informational ones (1xx, but 101) left out. */
  readonly responses: readonly ReadResponse[]
  /** What is no HTTP, where something is not. */
  readonly problem: string | undefined
}

/** RFC 9112 (4): a reason is visible characters, blanks and bytes above ASCII. */
const STATUS_LINE = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7E\x80-\xFF]*$/
/** RFC 9110 (5.5), with a blank after the colon or none. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7E\x80-\xFF]*?)[ \t]*$/

/**
 * Takes all bytes of a connection apart, one character each.
 *
 * @param methods those of the requests; beyond them both readings of a response are tried
 */
export function readResponses(bytes: string, methods: readonly string[]): ReadResponses {
  return readFrom(bytes, methods, [])
}

function readFrom(
  bytes: string,
  methods: readonly string[],
  responses: readonly ReadResponse[]
): ReadResponses {
  if (bytes === '') return { responses, problem: undefined }
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) {
    // A head that broke off still has to begin like one.
    const isBegun = 'HTTP/1.1 '.startsWith(bytes.slice(0, 9))
    return { responses, problem: isBegun ? undefined : problemOf(bytes) }
  }
  const head = readHead(bytes.slice(0, end))
  if (typeof head === 'string') return { responses, problem: head }
  const { status, headers } = head
  const text = bytes.slice(end + 4)
  if (status < 200 && status !== 101) return readFrom(text, methods, responses)
  const isUnknown = responses.length >= methods.length
  let result: ReadResponses | undefined
  for (const body of bodiesOf(head, text, methods[responses.length])) {
    if (typeof body === 'string') return result ?? { responses, problem: body }
    const read = [...responses, { status, headers, body: body.body, isWhole: body.isWhole }]
    const isLast = !body.isWhole || status === 101
    const other = isLast
      ? { responses: read, problem: undefined }
      : readFrom(body.rest, methods, read)
    if (other.problem === undefined && (body.isWhole || !isUnknown)) return other
    if (result?.problem !== undefined || result === undefined) result = other
  }
  return result ?? { responses, problem: 'nothing' }
}

type Head = Pick<ReadResponse, 'status' | 'headers'>

function readHead(text: string): Head | string {
  const [line = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(line)?.[1]
  if (status === undefined) return problemOf(line)
  const headers: [string, string][] = []
  for (const field of lines) {
    const [, name, value] = FIELD_LINE.exec(field) ?? []
    if (name === undefined || value === undefined) return problemOf(field)
    headers.push([name.toLowerCase(), value])
  }
  return { status: Number(status), headers }
}

interface Body {
  readonly body: string
  readonly isWhole: boolean
  readonly rest: string
}

/** How a response may be read: what answers HEAD announces a body that does not come. */
function bodiesOf(
  { status, headers }: Head,
  text: string,
  method: string | undefined
): (Body | string)[] {
  const none = { body: '', isWhole: true, rest: text }
  if (method === 'HEAD' || status === 204 || status === 304 || status === 101) return [none]
  const framed = readFramed(headers, text)
  return method === undefined ? [framed, none] : [framed]
}

function readFramed(headers: ReadResponse['headers'], text: string): Body | string {
  const framing = headers.filter(([name]) => /^(?:content-length|transfer-encoding)$/.test(name))
  const [name, value = ''] = framing[0] ?? []
  if (framing.length > 1) return `two framings: ${JSON.stringify(framing)}`
  if (name === undefined) return { body: text, isWhole: true, rest: '' }
  if (name === 'transfer-encoding') {
    return value.toLowerCase() === 'chunked'
      ? readChunks(text)
      : `a coding ${JSON.stringify(value)}`
  }
  if (!/^\d{1,15}$/.test(value)) return `a length ${JSON.stringify(value)}`
  const length = Number(value)
  return { body: text.slice(0, length), isWhole: text.length >= length, rest: text.slice(length) }
}

function readChunks(text: string): Body | string {
  const pieces: string[] = []
  for (let at = 0; ;) {
    const cut = { body: pieces.join(''), isWhole: false, rest: '' }
    const end = text.indexOf('\r\n', at)
    if (end === -1) return cut
    const line = text.slice(at, end)
    const digits = /^([0-9A-Fa-f]{1,12})(?:;[\t\x20-\x7E\x80-\xFF]*)?$/.exec(line)?.[1]
    if (digits === undefined) return `a chunk of size ${JSON.stringify(line.slice(0, 80))}`
    const size = Number.parseInt(digits, 16)
    at = end + 2
    if (size === 0) return readTrailers(text.slice(at), pieces.join(''))
    pieces.push(text.slice(at, at + size))
    if (text.length < at + size + 2) return cut
    if (text.slice(at + size, at + size + 2) !== '\r\n') return 'a chunk longer than its size'
    at += size + 2
  }
}

function readTrailers(text: string, body: string): Body | string {
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return { body, isWhole: false, rest: '' }
    if (end === at) return { body, isWhole: true, rest: text.slice(end + 2) }
    if (!FIELD_LINE.test(text.slice(at, end))) return problemOf(text.slice(at, end))
    at = end + 2
  }
}

function problemOf(text: string): string {
  return `no HTTP: ${JSON.stringify(text.slice(0, 200))}`
}
