import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { openRaw, rawRequest, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const BAD = 'HEAD /\xa0 HTTP/1.1\r\nHost: a.example\r\n\r\n'
const NO_BODY = /HTTP\/1\.1 400 [^]*\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/

/** Sends pieces that the server reads one by one, and resolves to its responses. */
async function sendInPieces(
  t: TestContext,
  port: number,
  pieces: Iterable<string>
): Promise<string> {
  const accepted: Socket[] = []
  const onSocket = (message: unknown): void => {
    accepted.push((message as { socket: Socket }).socket)
  }
  subscribe('net.server.socket', onSocket)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  let sent = 0
  for (const piece of pieces) {
    client.write(piece)
    sent += piece.length
    await waitFor(() => accepted[0]?.bytesRead === sent, 'the piece to be read')
  }
  unsubscribe('net.server.socket', onSocket)
  return client.readToEnd()
}

test('a HEAD request that cannot be read is refused without a body', async (t) => {
  const { port } = await startServer(t, {})
  t.match(await rawRequest(port, BAD), NO_BODY)
  const second = `GET / HTTP/1.1\r\nHost: a.example\r\n\r\n${BAD}`
  t.match(await rawRequest(port, second), NO_BODY, 'behind another')
})

test('it is refused without a body however it is cut', async (t) => {
  const { port } = await startServer(t, {})
  t.match(await sendInPieces(t, port, BAD.slice(0, 7)), NO_BODY, 'byte by byte')
  for (const at of [1, 4, 5, 6]) {
    t.match(await sendInPieces(t, port, [BAD.slice(0, at), BAD.slice(at)]), NO_BODY, `cut at ${at}`)
  }
})

test('a HEAD request whose head does not end is refused without a body', async (t) => {
  const { port } = await startServer(t, {}, { request_header_timeout: 1 })
  const response = await rawRequest(port, 'HEAD / HTTP/1.1\r\n')
  t.match(response, /^HTTP\/1\.1 408 [^]*\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/)
})

test('an error while refusing ends only its connection', async (t) => {
  const { app, port } = await startServer(t, {})
  const { log } = app
  const { info } = log
  Object.assign(log, {
    info() {
      throw new Error('thrown on purpose')
    }
  })
  t.equal(await rawRequest(port, BAD), '')
  Object.assign(log, { info })
  t.match(await rawRequest(port, BAD), NO_BODY)
})
