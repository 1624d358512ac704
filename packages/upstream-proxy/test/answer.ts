import { rawRequest } from '@reliw/testing'

/** An answer as a client gets it. */
export interface Answer {
  status: number
  /** Status line and headers of the final answer. */
  head: string
  /** What came before that: 1xx answers. */
  informations: string[]
  /** Without framing, as latin1. */
  body: string
  /** After a chunked body: its trailer section. */
  trailers: string
  /** Whether all of it came that its framing promises. */
  isWhole: boolean
}

export interface Question {
  /** The upstream's name. */
  host: string
  method?: string
  path?: string
  /** Header lines without line ends. */
  headers?: readonly string[]
  /** Sent with its length, which `headers` must not give then. */
  body?: string
}

/** A request on a connection that ends with it, or, if asked for, is to stay. */
export function writeRequest(
  question: Question,
  connection: 'close' | 'keep-alive' = 'close'
): string {
  const { host, method = 'GET', path = '/', headers = [], body } = question
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`]
  const lines = [`Host: ${host}`, `Connection: ${connection}`, ...headers, ...length]
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** Sends a request on a connection of its own, and resolves to what is answered. */
export async function ask(port: number, question: Question, timeoutMs = 15_000): Promise<Answer> {
  const bytes = await rawRequest(port, writeRequest(question), { timeoutMs })
  return parseAnswer(bytes, question.method)
}

/** Reads all bytes of a connection that was closed after one answer. */
export function parseAnswer(bytes: string, method = 'GET'): Answer {
  const informations: string[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const head = end === -1 ? rest : rest.slice(0, end)
    rest = end === -1 ? '' : rest.slice(end + 4)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
    if (status < 100 || status > 199) {
      const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
      const content = hasBody ? readContent(head, rest) : { ...EMPTY, isWhole: rest === '' }
      return { status, head, informations, ...content, isWhole: content.isWhole && end !== -1 }
    }
    informations.push(head)
  }
}

/** A header's value; undefined when there is none, or are several. */
export function headerOf({ head }: Pick<Answer, 'head'>, name: string): string | undefined {
  const found = [...head.matchAll(new RegExp(`^${name}: *(.*?)\r?$`, 'gim'))]
  return found.length === 1 ? found[0]?.[1] : undefined
}

type Content = Pick<Answer, 'body' | 'trailers' | 'isWhole'>

const EMPTY: Content = { body: '', trailers: '', isWhole: true }

function readContent(head: string, rest: string): Content {
  if (headerOf({ head }, 'transfer-encoding') === 'chunked') return readChunks(rest)
  const length = headerOf({ head }, 'content-length')
  const isWhole = length === undefined || Number(length) === rest.length
  return { body: rest, trailers: '', isWhole }
}

function readChunks(rest: string): Content {
  let body = ''
  for (let at = 0; ;) {
    const line = rest.indexOf('\r\n', at)
    const size = line === -1 ? NaN : Number.parseInt(rest.slice(at, line), 16)
    if (Number.isNaN(size)) return { body, trailers: '', isWhole: false }
    if (size === 0) {
      const trailers = rest.slice(line + 2)
      return { body, trailers, isWhole: trailers.endsWith('\r\n') }
    }
    body += rest.slice(line + 2, line + 2 + size)
    at = line + 2 + size + 2
  }
}
