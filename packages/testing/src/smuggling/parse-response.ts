/** All that a client got on a connection that was closed after one response. */
export interface ParsedResponse {
  /** 0 where there is no response. */
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The trailer section, with its line ends. */
  readonly trailers: string
  /** Whether all of it came that its framing promises. */
  readonly isWhole: boolean
  /** What came after its end. */
  readonly rest: string
}

/** Takes a client's bytes apart, past interim responses, as a strict client would. */
export function parseResponse(bytes: string, method: string): ParsedResponse {
  let text = bytes
  for (;;) {
    const end = text.indexOf('\r\n\r\n')
    const [line = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? 0)
    if (end === -1 || status === 0) return { ...NOTHING, rest: text }
    text = text.slice(end + 4)
    if (status < 200 && status !== 101) continue
    const headers = lines.map((header): [string, string] => {
      const [, name = '', value = ''] = /^([^:\s]+): ?(.*)$/.exec(header) ?? []
      return [name.toLowerCase(), value]
    })
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
    const content = hasBody
      ? parseContent(text, headers)
      : { ...NOTHING, isWhole: true, rest: text }
    return { ...content, status, headers }
  }
}

const NOTHING: ParsedResponse = {
  status: 0,
  headers: [],
  body: '',
  trailers: '',
  isWhole: false,
  rest: ''
}

function parseContent(text: string, headers: ParsedResponse['headers']): ParsedResponse {
  const framing = headers.filter(([name]) => /^(content-length|transfer-encoding)$/.test(name))
  const [name, value] = framing[0] ?? []
  if (framing.length !== 1) return { ...NOTHING, rest: text }
  if (name === 'transfer-encoding') return parseChunks(text)
  const length = Number(value)
  const body = text.slice(0, length)
  return { ...NOTHING, body, isWhole: body.length === length, rest: text.slice(length) }
}

function parseChunks(text: string): ParsedResponse {
  let body = ''
  for (let at = 0; ;) {
    const [line, digits = ''] = /^([0-9a-f]+)\r\n/.exec(text.slice(at)) ?? []
    if (line === undefined) return { ...NOTHING, body, rest: '' }
    const size = Number.parseInt(digits, 16)
    at += line.length
    if (size === 0) {
      const [section, trailers = ''] = /^((?:[^\r\n]+\r\n)*)\r\n/.exec(text.slice(at)) ?? []
      if (section === undefined) return { ...NOTHING, body }
      return { ...NOTHING, body, trailers, isWhole: true, rest: text.slice(at + section.length) }
    }
    body += text.slice(at, at + size)
    at += size + 2
  }
}
