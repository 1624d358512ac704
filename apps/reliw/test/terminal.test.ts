import { stripVTControlCharacters } from 'node:util'
import { test } from 'tap'
import { createTerminalFormat } from '../src/terminal.ts'

const format = createTerminalFormat()

/** What a terminal shows of a line, without time and colours. */
function shown(fields: object): string {
  const line = format(JSON.stringify({ level: 30, ts: 1_790_000_000_000, ...fields }))
  return stripVTControlCharacters(line).replace(/^\[.*?\] /, '')
}

test('a request reads as a sentence, and the rest of its fields follows', async (t) => {
  const what = { method: 'GET', path: '/a?b=c', status: 200, size: 12, time: 0.345 }
  const who = { client_ip: '192.0.2.7', request_id: 'r-1', user: 'ada' }
  const request = { vhost: 'a.example', ...what, ...who, cache: 'hit', msg: 'request' }
  t.equal(
    shown(request),
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
})

test('nothing that clients send is a command to the terminal', async (t) => {
  const evil = 'a\u001B[2J\u009B2J\u0007b'
  const line = format(
    JSON.stringify({ level: 30, ts: 0, path: evil, vhost: evil, agent: evil, msg: 'request' })
  )
  // Colours may be there, clearing the screen may not.
  for (const command of ['\u001B[2J', '\u009B', '\u0007']) t.notOk(line.includes(command))
  t.match(line, /b undefined B/)
})
