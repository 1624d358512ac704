import { relayed, chunkedOk, HEAD, noResponse, ok, type ResponseCases } from './response-case.ts'

const SECOND = ok(['Content-Length: 6', 'X-Second: 1'], 'hidden')
const EMPTY = '0\r\n\r\n'
const unread = { isReused: false }
const status = (line: string, lines: readonly string[], rest = ''): string =>
  ok(lines, rest).replace('200 OK', line)
const information = (line: string, ...lines: string[]): string => status(line, lines)
const hello = ok(['Content-Length: 5'], 'hello')

/** Bytes that are none of the response's: the next client must not get them. */
export const responseSplitting: ResponseCases = {
  'a second response': relayed(hello + SECOND, { body: 'hello', ...unread }),
  'a second response after chunks': relayed(chunkedOk(EMPTY) + SECOND, unread),
  'a second response after no body': relayed(ok(['Content-Length: 0']) + SECOND, unread),
  'a body longer than said': relayed(ok(['Content-Length: 4'], 'hello'), {
    body: 'hell',
    ...unread
  }),
  'an empty line after a body': relayed(`${hello}\r\n`, { body: 'hello', ...unread }),
  'a line feed after chunks': relayed(chunkedOk(`${EMPTY}\n`), unread),
  'a second response to HEAD': relayed(ok(['Content-Length: 0']) + SECOND, unread, HEAD),
  'a body for HEAD': relayed(hello, { headers: { 'content-length': '5' }, ...unread }, HEAD),
  'a response as a body for HEAD': relayed(
    ok([`Content-Length: ${SECOND.length}`], SECOND),
    unread,
    HEAD
  ),
  'chunks for HEAD': relayed(chunkedOk(`5\r\nhello\r\n${EMPTY}`), unread, HEAD),
  'a body of no length for HEAD': relayed(ok([], SECOND), unread, HEAD),
  'a length for HEAD': relayed(
    ok(['Content-Length: 5']),
    { headers: { 'content-length': '5' } },
    HEAD
  ),
  'a coding for HEAD': relayed(chunkedOk(''), {}, HEAD),
  'a body with 204': relayed(status('204 No', ['Content-Length: 5'], 'hello'), {
    status: 204,
    headers: { 'content-length': undefined },
    ...unread
  }),
  'chunks with 204': relayed(status('204 No', ['Transfer-Encoding: chunked'], EMPTY), {
    status: 204,
    ...unread
  }),
  'a response as a body with 204': relayed(status('204 No', [], SECOND), {
    status: 204,
    ...unread
  }),
  'a body with 304': relayed(status('304 Not', ['Content-Length: 5'], 'hello'), {
    status: 304,
    headers: { 'content-length': '5' },
    ...unread
  }),
  'a response as a body with 304': relayed(status('304 Not', [], SECOND), {
    status: 304,
    ...unread
  }),
  'a second response after 204': relayed(status('204 No', []) + SECOND, { status: 204, ...unread }),
  '204 that announces a body': relayed(status('204 No', ['Content-Length: 5']), {
    status: 204,
    ...unread
  }),
  '204 that announces chunks': relayed(status('204 No', ['Transfer-Encoding: chunked']), {
    status: 204,
    ...unread
  }),
  '204 with a length of zero': relayed(status('204 No', ['Content-Length: 0']), { status: 204 }),
  '204 alone': relayed(status('204 No', []), { status: 204 }),
  '304 alone': relayed(status('304 Not', ['ETag: "a"']), {
    status: 304,
    headers: { etag: '"a"' }
  }),
  'a body with 205': relayed(status('205 Reset', ['Content-Length: 5'], 'hello'), {
    status: 205,
    body: 'hello'
  })
}

/** What may come before a response (RFC 9110 15.2). */
export const interimResponses: ResponseCases = {
  'interim responses before a response': relayed(
    information('100 Continue') +
      information('103 Early Hints', 'Link: </a>; rel=preload') +
      information('102 Processing', 'X-A: b') +
      information('199 X') +
      hello,
    { body: 'hello', headers: { 'x-a': undefined } }
  ),
  'interim responses without an end': noResponse(information('100 Continue').repeat(100) + hello),
  'hints without an end': noResponse(
    information('103 Early Hints', 'Link: </a>').repeat(100) + hello
  ),
  'an information with a body': noResponse(
    status('103 Early Hints', ['Content-Length: 5'], 'hello') + hello
  ),
  'an information with a broken header': noResponse(
    information('103 Early Hints', 'X-A : b') + hello
  ),
  'an information with two lengths': noResponse(
    information('103 Early Hints', 'Content-Length: 1', 'Content-Length: 2') + hello
  ),
  'an information and an end': noResponse(information('100 Continue'), { isEnded: true }),
  'another protocol that nobody asked for': noResponse(
    information('101 Switching', 'Connection: Upgrade', 'Upgrade: websocket') + SECOND
  ),
  'another protocol than was asked for': noResponse(
    information('101 Switching', 'Connection: Upgrade', 'Upgrade: other') + SECOND,
    { lines: ['Connection: Upgrade', 'Upgrade: websocket'] }
  ),
  'another protocol that has no name': noResponse(information('101 Switching') + SECOND, {
    lines: ['Connection: Upgrade', 'Upgrade: websocket']
  })
}
