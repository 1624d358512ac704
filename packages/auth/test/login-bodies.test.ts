import { openRaw, rawRequest } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Browser } from './browser.ts'
import { startApp, type RunningApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

const FORM = 'application/x-www-form-urlencoded'

async function start(t: Test): Promise<RunningApp> {
  return startApp(t, { users: { ada: await userOf('correct') } })
}

function post(type: string | undefined, body: string): string {
  return [
    'POST /login HTTP/1.1',
    'host: 127.0.0.1',
    'connection: close',
    ...(type === undefined ? [] : [`content-type: ${type}`]),
    `content-length: ${Buffer.byteLength(body, 'latin1')}`,
    '',
    body
  ].join('\r\n')
}

t.test('a form of any spelling logs in whom it names', async (t) => {
  const { port } = await start(t)
  for (const [type, body] of [
    [FORM, 'login=ada&password=correct'],
    [`${FORM}; charset=UTF-8`, 'password=correct&login=ada'],
    [`${FORM.toUpperCase()} ;x`, 'login=ada&password=correct&extra=1&login=bob'],
    [FORM, '&&=&login=%61%64%61&password=c%6frrect&&']
  ] as const) {
    t.match(await rawRequest(port, post(type, body)), /^HTTP\/1\.1 303 /, body)
  }
})

t.test('what is no login form is a wrong password, whatever it is', async (t) => {
  const { port } = await start(t)
  const right = 'login=ada&password=correct'
  const json = '{"login":"ada","password":"correct"}'
  const bodies: [type: string | undefined, body: string][] = [
    [FORM, ''],
    [FORM, '&'],
    [FORM, '='],
    [FORM, 'login'],
    [FORM, 'login=ada'],
    [FORM, 'password=correct'],
    [FORM, 'login=&password='],
    [FORM, 'LOGIN=ada&PASSWORD=correct'],
    [FORM, 'login[]=ada&password[]=correct'],
    [FORM, '%'],
    [FORM, 'login=%&password=%zz'],
    [FORM, 'login=%00&password=%00'],
    [FORM, 'login=\xff\xfe&password=\x80'],
    [FORM, 'login=%ff%fe&password=%80'],
    [FORM, '\0'.repeat(16_384)],
    [FORM, '&'.repeat(16_384)],
    [FORM, json],
    ['application/json', json],
    ['application/json', '{'],
    ['text/plain', right],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="login"\r\n'],
    [`text/plain; ${FORM}`, right],
    [`${FORM}x`, right],
    ['', right],
    [undefined, right],
    [undefined, '']
  ]
  for (const [type, body] of bodies) {
    const name = `${type}: ${JSON.stringify(body.slice(0, 40))}`
    const response = await rawRequest(port, post(type, body))
    t.match(response, /^HTTP\/1\.1 401 /, name)
    t.notMatch(response, /rlw_session_token=/, name)
  }
})

t.test('a form of 16 KiB is read, and no byte more', async (t) => {
  const { port } = await start(t)
  const fits = 'login=ada&password=correct&x='.padEnd(16_384, 'x')
  t.match(await rawRequest(port, post(FORM, fits)), /^HTTP\/1\.1 303 /)
  const response = await rawRequest(port, post(FORM, `${fits}x`))
  t.match(response, /^HTTP\/1\.1 413 /)
  t.match(response, /RELIW_AUTH_FORM_TOO_LARGE/)
})

t.test(
  'a client that announces too large a form is refused at once, and its connection ends',
  async (t) => {
    const { port } = await start(t)
    const head = `POST /login HTTP/1.1\r\nhost: a\r\ncontent-type: ${FORM}\r\n`
    const response = await rawRequest(port, `${head}content-length: 100000\r\n\r\nlogin=`)
    t.match(response, /^HTTP\/1\.1 413 [^]*connection: close/i)
  }
)

t.test('a form without a length is counted while it comes', async (t) => {
  const { port } = await start(t)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(
    `POST /login HTTP/1.1\r\nhost: a\r\ncontent-type: ${FORM}\r\ntransfer-encoding: chunked\r\n\r\n`
  )
  for (let n = 0; n < 17; n++) client.write(`400\r\n${'x'.repeat(1024)}\r\n`)
  const response = await client.readToEnd()
  t.match(response, /^HTTP\/1\.1 413 [^]*connection: close/i)
  t.notMatch(response.slice(1), /HTTP\/1\.1/, 'one response')
})

t.test('a form that is broken off logs nobody in, and disturbs nobody', async (t) => {
  const { port, origin, log } = await start(t)
  const body = 'login=ada&password=correct'
  for (const [announced, sent] of [
    [body.length + 1, body],
    [1000, body],
    [1000, '']
  ] as const) {
    const client = openRaw(port)
    client.write(
      `POST /login HTTP/1.1\r\nhost: a\r\ncontent-type: ${FORM}\r\ncontent-length: ${announced}\r\n\r\n${sent}`
    )
    client.end()
    t.notMatch(await client.readToEnd(), /303|rlw_session/)
    client.destroy()
  }
  t.equal((await new Browser(origin).logIn('ada', 'correct')).status, 303)
  const logins = log.filter((line) => line.includes('"event":"login"'))
  t.equal(logins.length, 1)
  t.notOk(
    log.some((line) => /"level":[56]0/.test(line)),
    'nor was anything a fault'
  )
})
