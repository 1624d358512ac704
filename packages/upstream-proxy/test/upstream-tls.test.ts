import { getEventListeners, once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls'
import { Upstream, type UpstreamInput } from '@reliw/model'
import { test } from 'tap'
import { createAuthority, portOf, tempDir, waitFor, type TestContext } from '@reliw/testing'
import { NameResolver } from '../src/connect/resolver.ts'
import { loadTlsContext } from '../src/connect/tls-context.ts'
import { connectTo, failureOf, listen, listenRaw } from './connect-to.ts'
import { startDnsServer } from './dns-server.ts'

const authority = await createAuthority()
const NAMES = ['localhost', '127.0.0.1', 'origin.example']
const GOOD = await authority.issue(NAMES)

/** Writes a file for an upstream to read. */
function write(t: TestContext, content: string, name = 'file.pem'): string {
  const file = join(tempDir(t), name)
  writeFileSync(file, content)
  return file
}

/** A TLS origin on loopback; ends with the test. */
async function startTls(t: TestContext, options: TlsOptions = GOOD): Promise<Server> {
  const server = createServer(options)
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.resume()
    t.teardown(() => socket.destroy())
  })
  await listen(t, server)
  return server
}

/** An upstream that trusts the authority. */
function trusting(
  t: TestContext,
  server: Server,
  more: Partial<UpstreamInput> = {}
): UpstreamInput {
  const target = `https://127.0.0.1:${portOf(server)}`
  return { target, tls_cafile: write(t, authority.cert), ...more }
}

async function acceptedBy(server: Server): Promise<TLSSocket> {
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket]
  return socket
}

test('the origin chooses the protocol among those that are offered', async (t) => {
  const cases = [
    [['h2', 'http/1.1'], ['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], ['h2', 'http/1.1'], 'http/1.1'],
    [['h2', 'http/1.1'], ['http/1.1'], 'http/1.1'],
    [['h2', 'http/1.1'], undefined, 'http/1.1']
  ] as const
  for (const [protocols, spoken, expected] of cases) {
    const alpn = spoken === undefined ? {} : { ALPNProtocols: [...spoken] }
    const server = await startTls(t, { ...GOOD, ...alpn })
    const { protocol } = await connectTo(t, trusting(t, server), { protocols })
    t.equal(protocol, expected)
  }
})

test('an origin that speaks none of the protocols is no TLS', async (t) => {
  const server = await startTls(t, { ...GOOD, ALPNProtocols: ['spdy/1'] })
  t.equal((await failureOf(connectTo(t, trusting(t, server)))).kind, 'tls')
})

test('certificates that do not hold are refused, and the message says why', async (t) => {
  const stranger = await createAuthority('a stranger')
  const strange = await stranger.issue(NAMES)
  const elsewhere = await authority.issue(['other.example', '127.0.0.2'])
  const past = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2020-02-01T00:00:00Z') }
  const future = { from: new Date('2999-01-01T00:00:00Z'), to: new Date('2999-02-01T00:00:00Z') }
  const cases = [
    [await authority.issue(NAMES, past), 'certificate has expired'],
    [await authority.issue(NAMES, future), 'certificate is not yet valid'],
    [elsewhere, "IP: 127.0.0.1 is not in the cert's list"],
    [strange, 'unable to verify the first certificate'],
    [
      { key: strange.key, cert: strange.cert + stranger.cert },
      'self-signed certificate in certificate chain'
    ]
  ] as const
  for (const [certificate, reason] of cases) {
    const server = await startTls(t, certificate)
    const { kind, message, status } = await failureOf(connectTo(t, trusting(t, server)))
    t.equal(kind, 'tls')
    t.ok(message.startsWith(`no TLS with 127.0.0.1:${portOf(server)}: ${reason}`), message)
    t.equal(status, 502)

    const unverified = trusting(t, server, { tls_insecure: true })
    t.equal((await connectTo(t, unverified)).protocol, 'http/1.1', 'unless that is switched off')
  }
})

test('without files of its own an upstream trusts public authorities only', async (t) => {
  const server = await startTls(t)
  const target = `https://127.0.0.1:${portOf(server)}`
  t.equal((await failureOf(connectTo(t, { target }))).kind, 'tls')
  const [one, other] = [Upstream.parse({ target }), Upstream.parse({ target: 'https://a.example' })]
  t.equal(await loadTlsContext(one), await loadTlsContext(other), 'and shares what that takes')
})

test('a certificate with thousands of names makes no long message', async (t) => {
  const names = Array.from({ length: 2000 }, (_, i) => `n${i}.example`)
  const server = await startTls(t, await authority.issue(names))
  const { message, cause } = await failureOf(connectTo(t, trusting(t, server)))
  t.ok(message.length < 400)
  t.equal(cause, undefined)
})

test('an origin is told the name that it is asked for, and has to have it', async (t) => {
  const server = await startTls(t)
  const target = `https://localhost:${portOf(server)}`
  const accepted = acceptedBy(server)
  await connectTo(t, trusting(t, server, { target }))
  t.equal((await accepted).servername, 'localhost')
})

test('an IP address is no server name', async (t) => {
  const server = await startTls(t)
  const accepted = acceptedBy(server)
  await connectTo(t, trusting(t, server))
  t.equal((await accepted).servername, false)
})

test('tls_server_name is what is asked for, and what the certificate has to have', async (t) => {
  const server = await startTls(t)
  const accepted = acceptedBy(server)
  await connectTo(t, trusting(t, server, { tls_server_name: 'origin.example' }))
  t.equal((await accepted).servername, 'origin.example')

  const wrong = trusting(t, server, { tls_server_name: 'other.example' })
  const { kind, message } = await failureOf(connectTo(t, wrong))
  t.equal(kind, 'tls')
  t.match(message, /Host: other\.example\. is not in the cert's altnames/)
})

test('the server name is the same at whichever address of a name', async (t) => {
  const server = await startTls(t)
  const dns = await startDnsServer(t, {
    'origin.example': { addresses: ['127.0.0.2', '127.0.0.1'], ttl: 60 }
  })
  const names = new NameResolver({ servers: [dns.address] })
  const target = `https://origin.example:${portOf(server)}`
  for (const turn of ['the dead address first', 'the other one first']) {
    const accepted = acceptedBy(server)
    const { protocol } = await connectTo(t, trusting(t, server, { target }), { names })
    t.equal((await accepted).servername, 'origin.example', turn)
    t.equal(protocol, 'http/1.1')
  }
})

test('TLS is spoken over a Unix socket, too', async (t) => {
  const path = join(tempDir(t), 'origin.sock')
  const server = createServer(GOOD, (socket) => socket.end('hello'))
  await listen(t, server, path)
  const input = { scheme: 'https', target: `unix:${path}`, tls_cafile: write(t, authority.cert) }
  const { socket } = await connectTo(t, input as UpstreamInput)
  const [data] = await once(socket, 'data')
  t.equal(String(data), 'hello')
})

test('a client certificate is shown to an origin that wants one', async (t) => {
  const server = await startTls(t, { ...GOOD, ca: authority.cert, requestCert: true })
  const { cert, key } = await authority.issue(['client.example'])
  const files = { tls_certfile: write(t, cert), tls_keyfile: write(t, key) }
  const accepted = acceptedBy(server)
  await connectTo(t, trusting(t, server, files))
  t.equal((await accepted).getPeerCertificate().subject.CN, 'client.example')
})

test('without the client certificate that TLS 1.2 wants there is no TLS', async (t) => {
  const wanting = { ca: authority.cert, requestCert: true, maxVersion: 'TLSv1.2' } as const
  const server = await startTls(t, { ...GOOD, ...wanting })
  const { kind, message } = await failureOf(connectTo(t, trusting(t, server)))
  t.equal(kind, 'tls')
  t.match(message, /alert handshake failure/)
})

test('TLS 1.3 misses a client certificate only when the connection stands, and closes it', async (t) => {
  const server = await startTls(t, { ...GOOD, ca: authority.cert, requestCert: true })
  const connecting = connectTo(t, trusting(t, server))
  const connection = await connecting.catch(async () => failureOf(connecting))
  if (connection instanceof Error) t.equal(connection.kind, 'tls')
  else await waitFor(() => connection.socket.resume().destroyed, 'the end')
})

test('the certificates of a directory are trusted, and its other files ignored', async (t) => {
  const server = await startTls(t)
  const dir = tempDir(t)
  mkdirSync(join(dir, 'folder'))
  writeFileSync(join(dir, 'README'), 'not a certificate')
  writeFileSync(join(dir, 'other.crt'), `Another\n${(await createAuthority('other')).cert}`)
  const upstream = trusting(t, server, { tls_capath: dir })
  delete upstream.tls_cafile
  t.equal((await failureOf(connectTo(t, upstream))).kind, 'tls')

  for (const name of ['own.pem', 'own.CER', '1a2b3c4d.0']) {
    const own = tempDir(t)
    writeFileSync(join(own, name), authority.cert)
    await t.resolves(connectTo(t, { ...upstream, tls_capath: own }), name)
  }
})

test('a file and a directory are trusted together, and a file may be DER', async (t) => {
  const server = await startTls(t)
  const dir = tempDir(t)
  const base64 = authority.cert.replace(/-----.*-----|\n/g, '')
  writeFileSync(join(dir, 'own.cer'), Buffer.from(base64, 'base64'))
  const other = write(t, (await createAuthority('other')).cert)
  const together = trusting(t, server, { tls_cafile: other, tls_capath: dir })
  await t.resolves(connectTo(t, together))
})

test('a file that cannot be used is named, and no connection made', async (t) => {
  const origin = await listenRaw(t)
  const target = `https://127.0.0.1:${origin.port}`
  const cut = authority.cert + authority.cert.slice(0, 200)
  const files = {
    missing: '/nonexistent/ca.pem',
    empty: write(t, ''),
    'cut off': write(t, cut),
    'no certificate': write(t, GOOD.key)
  }
  for (const [what, tls_cafile] of Object.entries(files)) {
    const { kind, message } = await failureOf(connectTo(t, { target, tls_cafile }))
    t.equal(kind, 'tls')
    t.equal(message, `no CA certificates in ${tls_cafile}`, what)
  }
  t.equal(origin.sockets.length, 0)
})

test('a directory without certificates, or with a broken one, is named', async (t) => {
  const target = 'https://127.0.0.1'
  const dir = tempDir(t)
  const reasonOf = async (): Promise<string> => {
    const { kind, message } = await failureOf(connectTo(t, { target, tls_capath: dir }))
    t.equal(kind, 'tls')
    return message
  }
  t.equal(await reasonOf(), `no CA certificates in ${dir}`)
  writeFileSync(join(dir, 'broken.pem'), 'broken')
  t.equal(await reasonOf(), `no CA certificates in ${join(dir, 'broken.pem')}`)
  const missing = failureOf(connectTo(t, { target, tls_capath: `${dir}/missing` }))
  t.match((await missing).message, `${dir}/missing`)
})

test('a client certificate that cannot be used is named', async (t) => {
  const target = 'https://127.0.0.1'
  const tls_certfile = write(t, GOOD.cert)
  const other = await authority.issue(['other'])
  const keys = [write(t, other.key), write(t, ''), '/nonexistent/key.pem']
  for (const tls_keyfile of keys) {
    const { kind, message } = await failureOf(connectTo(t, { target, tls_certfile, tls_keyfile }))
    t.equal(kind, 'tls')
    t.equal(message, `no client certificate in ${tls_certfile} and ${tls_keyfile}`)
  }
})

test('an origin that does not answer the handshake is a timeout, and sees the end', async (t) => {
  const origin = await listenRaw(t)
  const target = `https://127.0.0.1:${origin.port}`
  const { kind, message } = await failureOf(connectTo(t, { target, tls_handshake_timeout: '20ms' }))
  t.equal(kind, 'connect timeout')
  t.equal(message, `the TLS handshake with 127.0.0.1:${origin.port} took longer than 20 ms`)
  await waitFor(() => origin.sockets.length === 1 && origin.open() === 0, 'the end')
})

test('an abort ends the handshake, and the origin sees it', async (t) => {
  const origin = await listenRaw(t)
  const abort = new AbortController()
  const { signal } = abort
  const connecting = connectTo(t, { target: `https://127.0.0.1:${origin.port}` }, { signal })
  const failure = failureOf(connecting)
  await waitFor(() => (origin.sockets[0]?.bytesRead ?? 0) > 0, 'the handshake')
  abort.abort()
  t.equal((await failure).kind, 'connect')
  t.equal(getEventListeners(signal, 'abort').length, 0)
  await waitFor(() => origin.open() === 0, 'the end')
})

test('a refused certificate ends the connection', async (t) => {
  const server = await startTls(t, await (await createAuthority('a stranger')).issue(NAMES))
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()))
  })
  await failureOf(connectTo(t, trusting(t, server)))
  await closed
})

test('an origin that does not speak TLS is no TLS', async (t) => {
  const answers = [
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '\0'.repeat(1000),
    '\x15\x03\x03\0\x02\x02\x28'
  ]
  for (const answer of answers) {
    const origin = await listenRaw(t, (socket) => socket.write(answer, 'latin1'))
    const target = `https://127.0.0.1:${origin.port}`
    const { kind, message } = await failureOf(connectTo(t, { target }))
    t.equal(kind, 'tls')
    t.ok(message.startsWith(`no TLS with 127.0.0.1:${origin.port}: `), message)
    await waitFor(() => origin.sockets.length === 1 && origin.open() === 0, 'the end')
  }
})

test('an origin that hangs up in the handshake is no TLS', async (t) => {
  for (const hangUp of ['end', 'resetAndDestroy'] as const) {
    const origin = await listenRaw(t, (socket) => socket.once('data', () => socket[hangUp]()))
    const { kind } = await failureOf(connectTo(t, { target: `https://127.0.0.1:${origin.port}` }))
    t.equal(kind, 'tls', hangUp)
  }
})
