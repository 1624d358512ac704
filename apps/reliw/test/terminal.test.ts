import { stripVTControlCharacters } from 'node:util'
import { test } from 'tap'
import { createTerminalFormat, type Terminal } from '../src/terminal.ts'

const WIDTH = 80
const REQUEST = {
  ts: new Date(2026, 10, 30, 16, 5, 9).getTime(),
  vhost: 'a.example',
  method: 'GET',
  path: '/a?b=c',
  status: 200,
  size: 12,
  time: 0.345,
  client_ip: '192.0.2.7',
  request_id: 'r-1',
  user: 'ada',
  cache: 'hit',
  msg: 'request'
}

function formatLine(fields: object, terminal: Partial<Terminal> = {}): string {
  const settings = { columns: () => WIDTH, isColoured: false, isVerbose: false, ...terminal }
  return createTerminalFormat(settings)(
    JSON.stringify({ level: 30, ts: 1_790_000_000_000, ...fields })
  )
}

/** What a terminal shows of a line with all its fields, without time and colours. */
function shown(fields: object): string {
  const line = formatLine(fields, { isVerbose: true })
  return stripVTControlCharacters(line).replace(/^\[.*?\] /, '')
}

function colourOf(status: number): string | undefined {
  return formatLine({ ...REQUEST, status }, { isColoured: true })
    .split('\u001B[')[1]
    ?.slice(0, 2)
}

test('a request is one short line', async (t) => {
  t.equal(formatLine(REQUEST), '16:05:09 200 GET a.example/a?b=c 12 B 0.3 ms\n')
  const slow = {
    ...REQUEST,
    status: 504,
    size: 12_345,
    time: 30_400,
    error: 'RELIW_UPSTREAM_TIMEOUT'
  }
  t.equal(formatLine(slow), '16:05:09 504 GET a.example/a?b=c 12 kB 30 s upstream timeout\n')
  for (const [fields, end] of [
    [{ status: 404, error: 'RELIW_CONTENT_NO_SITE' }, '12 B 0.3 ms no site'],
    [{ status: 404, error: 'RELIW_CONTENT_NOT_FOUND' }, '12 B 0.3 ms not found'],
    [{ status: 500, error: 'TypeError' }, '12 B 0.3 ms TypeError'],
    [{ status: 499, size: 0, aborted: true }, '0 B 0.3 ms aborted'],
    [{ size: 999 }, '999 B 0.3 ms'],
    [{ size: 1000 }, '1.0 kB 0.3 ms'],
    [{ size: 999_499 }, '999 kB 0.3 ms'],
    [{ size: 999_500 }, '1.0 MB 0.3 ms'],
    [{ size: 5e9 }, '5000 MB 0.3 ms'],
    [{ time: 9.949 }, '12 B 9.9 ms'],
    [{ time: 9.95 }, '12 B 10 ms'],
    [{ time: 9949 }, '12 B 9949 ms'],
    [{ time: 9950 }, '12 B 10 s']
  ] as const) {
    t.equal(formatLine({ ...REQUEST, ...fields }).split('?b=c ')[1], `${end}\n`)
  }
})

test('a long request is cut to the width of the terminal', async (t) => {
  const long = { ...REQUEST, vhost: `${'h'.repeat(250)}.example`, path: `/${'p'.repeat(8000)}` }
  for (const columns of [50, WIDTH, 200]) {
    const line = formatLine(
      { ...long, status: 404, error: 'RELIW_CONTENT_NO_SITE' },
      { columns: () => columns }
    )
    t.equal(line.length, columns + 1)
    t.match(line, /^16:05:09 404 GET h+… 12 B 0\.3 ms no site\n$/)
  }
})

test('the status is coloured by its class, on terminals with colours only', async (t) => {
  t.same([101, 200, 204, 301, 304, 404, 499, 500, 503].map(colourOf), [
    undefined,
    '32',
    '32',
    '36',
    '36',
    '33',
    '33',
    '31',
    '31'
  ])
  for (const isVerbose of [true, false]) t.notMatch(formatLine(REQUEST, { isVerbose }), '\u001B')
})

test('the greeting says what is served and where, and does not wrap', async (t) => {
  const started = {
    version: '1.2.3',
    config: `/${'long/'.repeat(30)}reliw.json`,
    overrides: ['$PORT', '--ip'],
    store: 'reliw-store',
    urls: ['http://127.0.0.1:8080', 'http://[::1]:8080'],
    metrics: 'http://127.0.0.1:9101',
    msg: 'started'
  }
  const greeting = formatLine(started)
  t.match(
    greeting,
    /^\nRELIW 1\.2\.3 serves the sites in\n {2}reliw-store\nat the addresses\n {2}http:\/\/127\.0\.0\.1:8080\n {2}http:\/\/\[::1\]:8080\nMetrics: http:\/\/127\.0\.0\.1:9101\/metrics\nSettings: .*…\nCtrl\+C ends it\.\n\n$/
  )
  const { store: _, config: __, metrics: ___, ...rest } = started
  const folder = formatLine({ ...rest, folder: 'x'.repeat(200), urls: ['http://127.0.0.1:8080'] })
  t.match(
    folder,
    /serves for every host the folder\n {2}x+…\nat\n {2}http.*\nSettings: defaults, \$PORT, --ip\n/
  )
  const empty = formatLine({ next: 'x', msg: 'store has no sites' })
  t.match(empty, /reliw import .*\n.*\n {2}reliw serve \.\/folder\n/)
  for (const line of `${greeting}${folder}${empty}`.split('\n')) t.ok(line.length <= WIDTH, line)
  t.match(formatLine(started, { isVerbose: true }), /INFO: started \{.*"metrics"/)
})

test('with --verbose a request reads as a sentence, and the rest of its fields follows', async (t) => {
  t.equal(
    shown(REQUEST),
    'INFO: 200 GET a.example/a?b=c 12 B 0.345 ms {"client_ip":"192.0.2.7","request_id":"r-1","user":"ada","cache":"hit"}\n'
  )
})

test('an audit line says what happened, and where', async (t) => {
  const failure = { audit: true, event: 'failure', vhost: 'a.example', user: 'ada', msg: 'audit' }
  t.equal(shown(failure), 'INFO: audit: failure, a.example {"user":"ada"}\n')
  const ban = { audit: true, event: 'ban', address: '192.0.2.7', for: 3600, msg: 'audit' }
  t.equal(shown(ban), 'INFO: audit: ban {"address":"192.0.2.7","for":3600}\n')
})

test('other lines keep all their fields', async (t) => {
  const refused = { client_ip: '192.0.2.7', status: 408, msg: 'request refused' }
  t.equal(shown(refused), 'INFO: request refused {"client_ip":"192.0.2.7","status":408}\n')
  const verdict = { level: 40, audit: true, vhost: 'a.example', path: '/x', msg: 'waf' }
  t.equal(shown(verdict), 'WARN: waf {"audit":true,"vhost":"a.example","path":"/x"}\n')
  t.match(formatLine(verdict), 'WARN: waf {"audit":true,"vhost":"a.example","path":"/x"}\n')
})

test('nothing that clients send is a command to the terminal', async (t) => {
  const evil = 'a\u001B[2J\u009B2J\u0007b'
  const request = { level: 30, ts: 0, path: evil, vhost: evil, agent: evil, msg: 'request' }
  for (const isVerbose of [true, false]) {
    const line = formatLine(request, { isVerbose, isColoured: true })
    // Colours may be there, clearing the screen may not.
    for (const command of ['\u001B[2J', '\u009B', '\u0007']) t.notOk(line.includes(command))
    t.match(line, isVerbose ? /b undefined B/ : /b 0 B/)
  }
})
