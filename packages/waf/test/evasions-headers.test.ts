import t from 'tap'
import { startApp, statusOf } from './start-app.ts'

const RULES = {
  headers: {
    'X-Note': ['^evil$', '<script', 'café', '\t', 'x;y', '%z'],
    cookie: ['admin=1'],
    host: ['evil'],
    referer: ['evil'],
    'user-agent': ['^$', 'evil'],
    'content-length': ['^0%d'],
    '': ['evil'],
    constructor: ['evil'],
    __proto: ['evil']
  }
}
const LONG = 'x'.repeat(12_000)

/** Header lines, and the rule that finds something in them; 400: node refuses them. */
const CASES: readonly (readonly [lines: string, rule: string | undefined | 400])[] = [
  ['X-Note: evil', 'x-note/1'],
  ['x-note: evil', 'x-note/1'],
  ['X-NOTE:evil', 'x-note/1'],
  ['X-Note: \t evil \t ', 'x-note/1'],
  ['X-Note: Evil', undefined],
  ['X-Note: evil, good', undefined],
  ['X-Note: good\r\nX-Note: evil', 'x-note/1'],
  ['X-Note: evil\r\nx-NOTE: good', 'x-note/1'],
  ['X-Note: ev\r\nX-Note: il', undefined],
  ['X-Note: good\r\n evil', 400],
  ['X-Note : evil', 400],
  [' X-Note: evil', 400],
  ['X-Note: a\rb', 400],
  ['X-Note: <script', 'x-note/2'],
  ['X-Note: %3cscript', undefined],
  ['X-Note: <scr\0ipt', 400],
  ['X-Note: a\x01b', 400],
  ['X-Note: a\tb', 'x-note/4'],
  ['X-Note: caf\xc3\xa9', 'x-note/3'],
  ['X-Note: caf\xe9', undefined],
  ['X-Note: \xff\xfe<script', 'x-note/2'],
  ['X-Note: x;y', 'x-note/5'],
  [`X-Note: ${LONG}<script`, 'x-note/2'],
  [`X-Note: <script${LONG}`, 'x-note/2'],
  ['X_Note: evil', undefined],
  ['X-Note2: evil', undefined],
  ['Cookie: a=b; admin=1', 'cookie/1'],
  ['Cookie: a=b\r\nCookie: admin=1', 'cookie/1'],
  ['Cookie: admin=%31', undefined],
  ['Referer: good\r\nReferer: evil', 'referer/1'],
  ['Referer: evil\r\nReferer: good', 'referer/1'],
  ['User-Agent:', 'user-agent/1'],
  ['User-Agent: good\r\nUser-Agent: evil', 'user-agent/2'],
  ['Constructor: evil', 'constructor/1'],
  ['__proto: evil', '__proto/1'],
  ['__proto__: evil', undefined],
  ['Content-Length: 00', 'content-length/1'],
  ['Host: evil', 'host/1'],
  [': evil', 400],
  [`${'a: b\r\n'.repeat(400)}X-Note: evil`, 'x-note/1']
]

t.test('matches in headers, however they are written', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: RULES })
  for (const [lines, rule] of CASES) {
    const name = `${JSON.stringify(lines.slice(-40))}: ${rule}`
    verdicts.length = 0
    const status = statusOf(await get('/', `${lines}\r\n`))
    t.equal(status, rule === 400 ? 400 : rule === undefined ? 200 : 403, name)
    const found = typeof rule === 'string' ? [`__/header:${rule}`] : []
    t.strictSame(
      verdicts.map((verdict) => verdict.rule),
      found,
      name
    )
  }
})
