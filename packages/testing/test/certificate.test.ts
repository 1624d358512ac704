import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import t from 'tap'
import { createAuthority, portOf } from '../src/index.ts'

t.test('a certificate is for its names and addresses, and no others', async (t) => {
  const authority = await createAuthority()
  const { cert } = await authority.issue(['a.example', '*.b.example', '127.0.0.1', '2001:db8::1'])
  const parsed = new X509Certificate(cert)
  const issuer = new X509Certificate(authority.cert)
  t.ok(parsed.verify(issuer.publicKey))
  t.ok(parsed.checkIssued(issuer))
  t.notOk(parsed.ca)
  t.equal(parsed.checkHost('a.example'), 'a.example')
  t.equal(parsed.checkHost('x.b.example'), '*.b.example')
  t.equal(parsed.checkHost('c.example'), undefined)
  t.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1')
  t.equal(parsed.checkIP('2001:db8::1'), '2001:db8::1')
  t.equal(parsed.checkIP('127.0.0.2'), undefined)
})

t.test('a certificate can have expired', async (t) => {
  const to = new Date('2020-02-01T03:04:05Z')
  const authority = await createAuthority()
  const { cert } = await authority.issue(['a'], { from: new Date('2020-01-01T00:00:00Z'), to })
  t.equal(new X509Certificate(cert).validToDate.getTime(), to.getTime())
})

t.test('clients and servers with certificates of one authority trust each other', async (t) => {
  const authority = await createAuthority()
  const trust = { ca: authority.cert, rejectUnauthorized: true }
  const ours = await authority.issue(['localhost'])
  const server = createServer({ ...ours, ...trust, requestCert: true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const port = portOf(server)
  const accepted = once(server, 'secureConnection')
  const theirs = await authority.issue(['me'])
  const client = connect({ port, ...trust, ...theirs, servername: 'localhost' })
  const [socket] = await accepted
  t.equal(socket.getPeerCertificate().subject.CN, 'me')
  client.destroy()
})
