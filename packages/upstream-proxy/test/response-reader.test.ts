import { seededRandom, TEST_LENGTH, smuggledResponses, type ResponseCase } from '@reliw/testing'
import { test } from 'tap'
import type { ResponseHead } from '../src/http1/response-head.ts'
import { ResponseReader } from '../src/http1/response-reader.ts'

/** What came out of an answer, its body in one piece. */
interface Events {
  informations: number[]
  status: number
  headers: readonly string[]
  body: string
  trailers: readonly string[]
  end: 'none' | 'reusable' | 'not reusable' | 'switched' | 'mistake'
  /** After a switch. */
  rest: string
  mistake: string | undefined
}

const CASES = Object.values(smuggledResponses).flatMap((group) => Object.values(group))
const ACCEPTED = CASES.filter(({ outcome }) => outcome.kind === 'response')
const INFORMATION = 'HTTP/1.1 100 X\r\n\r\n'
const SWITCH = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\nrest'

/** Feeds a reader; each piece is overwritten once it was read, since it is only lent. */
function read(pieces: readonly string[], isHead: boolean, isEnded: boolean): Events {
  const events: Events = {
    informations: [],
    status: 0,
    headers: [],
    body: '',
    trailers: [],
    end: 'none',
    rest: '',
    mistake: undefined
  }
  const reader = new ResponseReader(recorder(events))
  reader.begin(isHead)
  // A connection never brings nothing.
  for (const piece of pieces.filter((one) => one !== '')) {
    const input = Buffer.from(piece, 'latin1')
    const mistake = reader.read(input)
    input.fill(0x58)
    if (mistake !== undefined) return { ...events, end: 'mistake', mistake }
    if (events.end !== 'none') return events
  }
  const mistake = isEnded ? reader.close() : undefined
  return mistake === undefined ? events : { ...events, end: 'mistake', mistake }
}

function recorder(events: Events): ConstructorParameters<typeof ResponseReader>[0] {
  let isLast = false
  const expect = (state: boolean): void => {
    if (!state || events.end !== 'none') throw new Error(`out of turn: ${JSON.stringify(events)}`)
  }
  return {
    onInterim: ({ status }) => {
      expect(events.status === 0)
      events.informations.push(status)
    },
    onSwitch: ({ status, headers }: ResponseHead, rest) => {
      expect(events.status === 0)
      Object.assign(events, { status, headers, rest: rest.toString('latin1'), end: 'switched' })
    },
    onHead: ({ status, headers }) => {
      expect(events.status === 0)
      Object.assign(events, { status, headers })
    },
    onBody: (chunk, last) => {
      expect(events.status !== 0 && !isLast && chunk.length > 0)
      isLast = last
      events.body += chunk.toString('latin1')
    },
    onEnd: (trailers, isReusable) => {
      expect(events.status !== 0)
      Object.assign(events, { trailers, end: isReusable ? 'reusable' : 'not reusable' })
    }
  }
}

function inOnePiece({ bytes, method, isEnded }: ResponseCase): Events {
  return read([bytes], method === 'HEAD', isEnded)
}

test('every answer that is none is a mistake, or never ends', async (t) => {
  for (const one of CASES) {
    if (one.outcome.kind === 'response' || one.bytes.includes(' 101 ')) continue
    t.match(inOnePiece(one), { end: 'mistake' }, JSON.stringify(one.bytes.slice(0, 120)))
  }
})

test('an answer gives the same wherever it is cut', async (t) => {
  for (const one of ACCEPTED) {
    const { bytes, isEnded, outcome } = one
    const isHead = one.method === 'HEAD'
    const whole = inOnePiece(one)
    const what = JSON.stringify(bytes.slice(0, 120))
    if (outcome.kind !== 'response') continue
    const { status, body, isReused } = outcome.response
    const end = isReused ? 'reusable' : 'not reusable'
    t.match(whole, { status, mistake: undefined }, what)
    t.equal(whole.body, body)
    t.equal(whole.end, end)
    // A cut behind its end makes the rest come too late to be noticed here: it comes to an idle connection.
    const same = (events: Events): Events => ({ ...events, end: 'none' })
    for (let at = 0; at <= bytes.length; at++) {
      const cut = read([bytes.slice(0, at), bytes.slice(at)], isHead, isEnded)
      t.strictSame(same(cut), same(whole), `${what} cut at ${at}`)
      if (isReused) t.equal(cut.end, end)
    }
    t.strictSame(same(read(bytes.split(''), isHead, isEnded)), same(whole), `${what} byte by byte`)
  }
})

test('a switch gives the same wherever it is cut, but for the bytes that came with it', async (t) => {
  const end = SWITCH.indexOf('rest')
  for (let at = 0; at < SWITCH.length; at++) {
    const events = read([SWITCH.slice(0, at), SWITCH.slice(at)], false, false)
    const rest = at < end ? 'rest' : SWITCH.slice(end, at)
    t.match(events, { status: 101, end: 'switched' }, `cut at ${at}`)
    t.equal(events.rest, rest)
  }
})

test('an end before the end of an answer is a mistake', async (t) => {
  for (const { bytes, method, isEnded } of ACCEPTED) {
    if (isEnded) continue
    const isHead = method === 'HEAD'
    for (let at = 0; at < bytes.length; at++) {
      const events = read([bytes.slice(0, at)], isHead, false)
      if (events.end !== 'none') break
      t.equal(read([bytes.slice(0, at)], isHead, true).end, 'mistake', JSON.stringify(bytes))
    }
  }
})

test('a reader reads one answer after the other', async (t) => {
  const ends: string[] = []
  const reader = new ResponseReader({
    onInterim: () => undefined,
    onSwitch: () => t.fail('nothing is switched'),
    onHead: () => undefined,
    onBody: () => undefined,
    onEnd: (trailers, isReusable) => void ends.push(`${trailers.join()} ${isReusable}`)
  })
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\r\n\r\n'
  const flood = 'HTTP/1.1 102 X\r\n\r\n'.repeat(40)
  for (const [bytes, isHead] of [
    [chunked, false],
    [`${flood}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`, false],
    [`${flood}HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n`, true],
    ['HTTP/1.1 204 No\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na', false]
  ] as const) {
    reader.begin(isHead)
    t.equal(reader.read(Buffer.from(bytes)), undefined)
  }
  t.strictSame(ends, ['X-A,b true', ' true', ' true', ' true', ' true'])
})

test('a head, and what comes before it, are bounded', async (t) => {
  t.match(read([long(64 * 1024)], false, false), { status: 200, end: /^reusable$/ })
  t.match(read(inPieces(long(64 * 1024)), false, false), { status: 200, end: /^reusable$/ })
  t.match(read([long(64 * 1024 + 1)], false, false), { mistake: 'too large a head' })
  t.match(read(inPieces(long(64 * 1024 + 1)), false, false), { mistake: 'too large a head' })
  t.match(read([INFORMATION.repeat(64) + long(100)], false, false), {
    status: 200,
    end: /^reusable$/
  })
  t.match(read([INFORMATION.repeat(65)], false, false), { mistake: 'too many interim responses' })
})

test('whatever is accepted, a naive reading of the whole sees the same', async (t) => {
  const random = seededRandom(t)
  const cases = CASES.filter(({ bytes }) => bytes.length < 600)
  const texts = cases.map(({ bytes }) => bytes)
  let accepted = 0
  for (let n = 0; n < 20_000 * TEST_LENGTH; n++) {
    const { bytes, method } = random.pick(cases)
    const text = random.below(20) === 0 ? bytes : random.mutate(bytes, texts)
    const isHead = method === 'HEAD'
    const events = read(random.cut(text, 5), isHead, random.below(2) === 0)
    if (events.end === 'none' || events.end === 'mistake') continue
    accepted++
    const { informations, status, headers, body, trailers } = events
    const seen = { informations, status, headers, body, trailers }
    const naive = readNaively(text, isHead)
    if (JSON.stringify(seen) !== JSON.stringify(naive))
      t.strictSame(seen, naive, JSON.stringify(text))
  }
  t.ok(accepted > 1000, 'a good part of what was tried is well')
})

/** An answer whose head has this length. */
function long(length: number): string {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: '
  return `${head}${'a'.repeat(length - head.length)}\r\n\r\n`
}

function inPieces(text: string): string[] {
  return text.match(/[^]{1,5000}/g) ?? []
}

type Naive = Pick<Events, 'informations' | 'status' | 'headers' | 'body' | 'trailers'>

function readNaively(text: string, isHead: boolean): Naive | undefined {
  const informations: number[] = []
  for (let rest = text; ;) {
    const [head = '', code] = /^HTTP\/1\.[01] (\d{3})[^]*?\r\n\r\n/.exec(rest) ?? []
    if (code === undefined) return undefined
    const status = Number(code)
    rest = rest.slice(head.length)
    const headers = fieldsOf(head.slice(head.indexOf('\r\n') + 2, -2))
    if (status >= 200 || status === 101) {
      const hasBody = !isHead && ![101, 204, 304].includes(status)
      const content = hasBody ? contentOf(rest, headers) : { body: '', trailers: [] }
      return content && { informations, status, headers, ...content }
    }
    informations.push(status)
  }
}

function fieldsOf(section: string): string[] {
  const lines = section.split('\r\n').slice(0, -1)
  return lines.flatMap((line) => {
    const [, name = '?', value = '?'] = /^([^\s:]+):[ \t]*([^\r\n]*?)[ \t]*$/.exec(line) ?? []
    return [name, value]
  })
}

function contentOf(
  rest: string,
  headers: readonly string[]
): Pick<Naive, 'body' | 'trailers'> | undefined {
  const valuesOf = (wanted: string): (string | undefined)[] =>
    headers.flatMap((name, at) =>
      at % 2 === 0 && name.toLowerCase() === wanted ? [headers[at + 1]] : []
    )
  const [lengths, codings] = [valuesOf('content-length'), valuesOf('transfer-encoding')]
  if (lengths.length + codings.length > 1) return undefined
  if (lengths.length > 0) return { body: rest.slice(0, Number(lengths[0])), trailers: [] }
  if (codings.length === 0) return { body: rest, trailers: [] }
  let body = ''
  for (let at = 0; ;) {
    const [line, digits = ''] = /^([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/.exec(rest.slice(at)) ?? []
    if (line === undefined) return undefined
    at += line.length
    const size = Number(`0x${digits}`)
    if (size === 0) {
      const [section] = /^(?:[^\r\n]+\r\n)*\r\n/.exec(rest.slice(at)) ?? []
      return section === undefined ? undefined : { body, trailers: fieldsOf(section.slice(0, -2)) }
    }
    body += rest.slice(at, at + size)
    at += size + 2
  }
}
