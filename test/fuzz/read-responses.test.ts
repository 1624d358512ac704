import { test } from 'tap'
import { readResponses } from './read-responses.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('responses are read in order, interim responses are skipped', (t) => {
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n'
  const { responses, problem } = readResponses(
    `HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}${chunked}`,
    ['GET', 'GET']
  )
  t.equal(problem, undefined)
  t.strictSame(
    responses.map(({ body, isWhole }) => [body, isWhole]),
    [
      ['ok', true],
      ['ok', true]
    ]
  )
  t.end()
})

test('a response to HEAD is recognized although the method is unknown', (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n'
  const { responses, problem } = readResponses(head + OK + head, [])
  t.equal(problem, undefined)
  t.equal(responses.length, 3)
  t.end()
})

test('an aborted response is not complete', (t) => {
  const { responses, problem } = readResponses(OK.slice(0, -1), ['GET'])
  t.equal(problem, undefined)
  t.strictSame(
    responses.map(({ isWhole }) => isWhole),
    [false]
  )
  t.end()
})

for (const [what, bytes] of Object.entries({
  'two framings': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok',
  'a control byte in a field': 'HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n',
  'a status line without a status': 'HTTP/1.1 OK\r\n\r\n',
  'bytes behind a response': `${OK}more\r\n\r\n`,
  'a chunk longer than its size':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n'
})) {
  test(`${what} is no HTTP`, (t) => {
    t.type(readResponses(bytes, ['GET']).problem, 'string')
    t.end()
  })
}
