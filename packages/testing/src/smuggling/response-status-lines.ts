import { relayed, ENDED, noResponse, type ResponseCases } from './response-case.ts'

const with5 = (line: string): string => `${line}\r\nContent-Length: 5\r\n\r\nhello`
const hello = { body: 'hello' }

/** Status lines (RFC 9112 4). */
export const responseStatusLines: ResponseCases = {
  'no status line': noResponse('<html>hello</html>\r\n\r\n'),
  'an empty line before it': noResponse(with5('\r\nHTTP/1.1 200 OK')),
  'a blank before it': noResponse(with5(' HTTP/1.1 200 OK')),
  'small letters': noResponse(with5('http/1.1 200 OK')),
  'version 1.2': noResponse(with5('HTTP/1.2 200 OK')),
  'version 1.10': noResponse(with5('HTTP/1.10 200 OK')),
  'version 2': noResponse(with5('HTTP/2 200 OK')),
  'version 0.9': noResponse(with5('HTTP/0.9 200 OK')),
  'no version': noResponse(with5('HTTP 200 OK')),
  'another protocol': noResponse(with5('ICY 200 OK')),
  'two blanks before the status': noResponse(with5('HTTP/1.1  200 OK')),
  'a tab before the status': noResponse(with5('HTTP/1.1\t200 OK')),
  'a tab after the status': noResponse(with5('HTTP/1.1 200\tOK')),
  'no blank after the status': noResponse(with5('HTTP/1.1 200OK')),
  'no status': noResponse(with5('HTTP/1.1')),
  'a status of two digits': noResponse(with5('HTTP/1.1 20 OK')),
  'a status of four digits': noResponse(with5('HTTP/1.1 2000 OK')),
  'a status below 100': noResponse(with5('HTTP/1.1 099 OK')),
  'a negative status': noResponse(with5('HTTP/1.1 -20 OK')),
  'a status with a plus': noResponse(with5('HTTP/1.1 +20 OK')),
  'a status with a fraction': noResponse(with5('HTTP/1.1 2.0 OK')),
  'a hexadecimal status': noResponse(with5('HTTP/1.1 0xC OK')),
  'a NUL in the reason': noResponse(with5('HTTP/1.1 200 O\0K')),
  'an escape in the reason': noResponse(with5('HTTP/1.1 200 O\x1bK')),
  'a carriage return in the reason': noResponse(with5('HTTP/1.1 200 O\rK')),
  'a line feed after the reason': noResponse('HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello'),
  'line feeds alone': noResponse('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', ENDED),
  'an end within it': noResponse('HTTP/1.1 2', ENDED),
  'an end after it': noResponse('HTTP/1.1 200 OK\r\n', ENDED),
  'nothing at all': noResponse('', ENDED),
  'no reason': relayed(with5('HTTP/1.1 200 '), hello),
  'no reason, and no blank either': relayed(with5('HTTP/1.1 200'), hello),
  'a reason above ASCII': relayed(with5('HTTP/1.1 200 \xfcber'), hello),
  'a status that nobody knows': relayed(with5('HTTP/1.1 799 X'), { status: 799, ...hello }),
  'version 1.0': relayed(with5('HTTP/1.0 200 OK'), { isReused: false, ...hello }),
  'version 1.0 that is to go on': relayed(with5('HTTP/1.0 200 OK\r\nConnection: Keep-Alive'), hello)
}
