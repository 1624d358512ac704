import { answered, ENDED, noAnswer, type AnswerCases } from './answer-case.ts'

const with5 = (line: string): string => `${line}\r\nContent-Length: 5\r\n\r\nhello`
const hello = { body: 'hello' }

/** Status lines (RFC 9112 4). */
export const answerStatusLines: AnswerCases = {
  'no status line': noAnswer('<html>hello</html>\r\n\r\n'),
  'an empty line before it': noAnswer(with5('\r\nHTTP/1.1 200 OK')),
  'a blank before it': noAnswer(with5(' HTTP/1.1 200 OK')),
  'small letters': noAnswer(with5('http/1.1 200 OK')),
  'version 1.2': noAnswer(with5('HTTP/1.2 200 OK')),
  'version 1.10': noAnswer(with5('HTTP/1.10 200 OK')),
  'version 2': noAnswer(with5('HTTP/2 200 OK')),
  'version 0.9': noAnswer(with5('HTTP/0.9 200 OK')),
  'no version': noAnswer(with5('HTTP 200 OK')),
  'another protocol': noAnswer(with5('ICY 200 OK')),
  'two blanks before the status': noAnswer(with5('HTTP/1.1  200 OK')),
  'a tab before the status': noAnswer(with5('HTTP/1.1\t200 OK')),
  'a tab after the status': noAnswer(with5('HTTP/1.1 200\tOK')),
  'no blank after the status': noAnswer(with5('HTTP/1.1 200OK')),
  'no status': noAnswer(with5('HTTP/1.1')),
  'a status of two digits': noAnswer(with5('HTTP/1.1 20 OK')),
  'a status of four digits': noAnswer(with5('HTTP/1.1 2000 OK')),
  'a status below 100': noAnswer(with5('HTTP/1.1 099 OK')),
  'a negative status': noAnswer(with5('HTTP/1.1 -20 OK')),
  'a status with a plus': noAnswer(with5('HTTP/1.1 +20 OK')),
  'a status with a fraction': noAnswer(with5('HTTP/1.1 2.0 OK')),
  'a hexadecimal status': noAnswer(with5('HTTP/1.1 0xC OK')),
  'a NUL in the reason': noAnswer(with5('HTTP/1.1 200 O\0K')),
  'an escape in the reason': noAnswer(with5('HTTP/1.1 200 O\x1bK')),
  'a carriage return in the reason': noAnswer(with5('HTTP/1.1 200 O\rK')),
  'a line feed after the reason': noAnswer('HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello'),
  'line feeds alone': noAnswer('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', ENDED),
  'an end within it': noAnswer('HTTP/1.1 2', ENDED),
  'an end after it': noAnswer('HTTP/1.1 200 OK\r\n', ENDED),
  'nothing at all': noAnswer('', ENDED),
  'no reason': answered(with5('HTTP/1.1 200 '), hello),
  'no reason, and no blank either': answered(with5('HTTP/1.1 200'), hello),
  'a reason above ASCII': answered(with5('HTTP/1.1 200 \xfcber'), hello),
  'a status that nobody knows': answered(with5('HTTP/1.1 799 X'), { status: 799, ...hello }),
  'version 1.0': answered(with5('HTTP/1.0 200 OK'), { isReused: false, ...hello }),
  'version 1.0 that is to go on': answered(
    with5('HTTP/1.0 200 OK\r\nConnection: Keep-Alive'),
    hello
  )
}
