import { test } from 'tap'
import { readAnswers } from './read-answers.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('answers are read one after the other, interim ones left out', (t) => {
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n'
  const { answers, problem } = readAnswers(`HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}${chunked}`, [
    'GET',
    'GET'
  ])
  t.equal(problem, undefined)
  t.strictSame(
    answers.map(({ body, isWhole }) => [body, isWhole]),
    [
      ['ok', true],
      ['ok', true]
    ]
  )
  t.end()
})

test('an answer to HEAD is told from one with a body, where it is not known what was asked', (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n'
  const { answers, problem } = readAnswers(head + OK + head, [])
  t.equal(problem, undefined)
  t.equal(answers.length, 3)
  t.end()
})

test('an answer that breaks off is no whole one', (t) => {
  const { answers, problem } = readAnswers(OK.slice(0, -1), ['GET'])
  t.equal(problem, undefined)
  t.strictSame(
    answers.map(({ isWhole }) => isWhole),
    [false]
  )
  t.end()
})

for (const [what, bytes] of Object.entries({
  'two framings': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok',
  'a control byte in a field': 'HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n',
  'a status line without a status': 'HTTP/1.1 OK\r\n\r\n',
  'bytes behind an answer': `${OK}more\r\n\r\n`,
  'a chunk longer than its size':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n'
})) {
  test(`${what} is no HTTP`, (t) => {
    t.type(readAnswers(bytes, ['GET']).problem, 'string')
    t.end()
  })
}
