import type { Random } from '@reliw/testing'

const LONG = [100, 1000, 4000, 7000]

/** Values that RFC 9110 (5.5) allows in any field: visible ASCII, blanks within, and bytes above. One character per byte. */
const VALID: readonly ((random: Random) => string)[] = [
  () => '',
  () => utf8('attachment; filename="中文.pdf"'),
  () => utf8('é'),
  () => 'caf\xe9',
  () => '\xff\xfe',
  () => utf8('𝒳'),
  () => '\x80',
  ({ pick }) => 'a'.repeat(pick(LONG)),
  ({ pick }) => 'a,'.repeat(pick(LONG) / 2),
  () => ',,, ,,',
  () => '"',
  () => '"unclosed, "a\\"b", c',
  () => 'a\tb',
  () => '\'"`;--<script>${7*7}{{7*7}}%00%0d%0a',
  () => '*',
  () => '-1',
  () => '0',
  () => '99999999999999999999',
  () => '1e9',
  () => '0x10',
  () => 'NaN',
  () => 'null',
  () => 'chunked',
  () => 'identity, gzip;q=0, *;q=0.5',
  () => 'close, Content-Type, Host, X-Request-ID',
  () => 'bytes=0-0,-1,5-,9-3,a-b',
  () => 'bytes=9223372036854775807-',
  () => 'W/"x", *, "a\xff"',
  () => 'Thu, 01 Jan 1970 00:00:00 GMT',
  () => 'Fri, 31 Feb 9999 99:99:99 GMT',
  () => 'Basic ====',
  () => `Basic ${btoa('user\xff:pass:word')}`,
  () => 'Basic dXNlcg==',
  () => 'Bearer a.b.c',
  () => 'Bearer eyJhbGciOiJub25lIn0.e30.',
  () => '=; a; ;=b; rlw_session_token=; rlw_session_token=x',
  () => 'http://proxied.test/x?y#z',
  () => '//proxied.test/x',
  () => 'http://[::1',
  () => 'javascript:alert(1)',
  () => '/../../etc/passwd',
  () => '<http://a/>; rel="preload", </b>; rel=preload',
  () => '0; url=http://127.0.0.1/',
  () => 'for=127.0.0.1;by="[::1]";host=a',
  () => '127.0.0.1, 10.0.0.1, unknown, [::1]:80',
  () => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  () => 'a=b; Domain=proxied.test; Path=/; Expires=x; Max-Age=-1; \xff',
  () => 'text/html; charset=\xff',
  () => 'multipart/byteranges; boundary="\x80"',
  () => 'websocket',
  () => 'h2c, websocket, TLS/1.0'
]

/** Values with bytes that no field may have. */
const INVALID: readonly string[] = [
  'a\0b',
  'a\x01b',
  'a\x7fb',
  'a\x1b[31mb',
  'a\rb',
  'a\nX-Injected: 1',
  'a\r\nX-Injected: 1',
  'a\r\n folded',
  '\x0ba',
  'a\x0c'
]

/** A value that is allowed. */
export function hostileValue(random: Random): string {
  return random.pick(VALID)(random)
}

/** A value that is not. */
export function invalidValue(random: Random): string {
  return random.pick(INVALID)
}

/** Text as its bytes in UTF-8, one character each. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
