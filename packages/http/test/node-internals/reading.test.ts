import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream
} from 'node:http2'
import { connect, createServer, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { portOf, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { divert, hasEnd, onFirstRead, takeBack } from '../../src/index.ts'
import { serve } from './serve.ts'

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'

/** A stream of HTTP/2 on both sides. */
async function openStream(t: TestContext): Promise<[ClientHttp2Stream, ServerHttp2Stream]> {
  const server = createHttp2Server().listen(0)
  await once(server, 'listening')
  const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`)
  t.teardown(() => {
    session.destroy()
    server.close()
  })
  const clientStream = session.request()
  const [serverStream] = (await once(server, 'stream')) as [ServerHttp2Stream]
  serverStream.respond({ ':status': 200 })
  await once(clientStream, 'response')
  return [clientStream, serverStream]
}

/** Diverts a stream and resolves to what comes first. */
async function takeFirst(stream: Readable, send: () => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  divert(stream, (chunk) => {
    resolve(String(chunk))
    return false
  })
  stream.read(0)
  send()
  return promise
}

test('the listener is called when the body of a request is first read, and only then', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(HEAD)
  const [request] = await exchange(0)
  let reads = 0
  onFirstRead(request, () => void reads++)
  await turn()
  t.equal(reads, 0)
  request.resume()
  client.write('abc')
  await once(request, 'end')
  t.equal(reads, 1)
})

test('the data of a diverted request does not reach its buffer', async (t) => {
  const { client, exchange } = await serve(t)
  client.write(HEAD)
  const [request] = await exchange(0)
  t.equal(await takeFirst(request, () => client.write('a')), 'a')
  t.equal(request.readableLength, 0)
  takeBack(request)
  request.push('a')
  client.write('bc')
  t.equal(await text(request), 'abc')
})

test('the data of a diverted socket does not reach its buffer', async (t) => {
  const { server, exchange } = await serve(t)
  const socket: Socket = connect(portOf(server), '127.0.0.1')
  t.teardown(() => socket.destroy())
  const first = takeFirst(socket, () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  ;(await exchange(0))[1].end()
  t.match(await first, /^HTTP\/1\.1 200/)
  t.equal(socket.readableLength, 0)
})

test('the data of a diverted HTTP/2 stream does not reach its buffer', async (t) => {
  const [clientStream, serverStream] = await openStream(t)
  t.equal(await takeFirst(clientStream, () => serverStream.write('a')), 'a')
  t.equal(clientStream.readableLength, 0)
})

/** A frame of HTTP/2 (RFC 9113 4.1). */
function frame(type: number, flags: number, stream: number, payload: number[] = []): Buffer {
  return Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload])
}

test('an unread HTTP/2 stream that was ended is distinguished from one that was reset without an error', async (t) => {
  const settings = frame(4, 0, 0)
  const head = frame(1, 4, 1, [0x88])
  const ends = [
    { isEnded: true, bytes: [settings, head, frame(0, 1, 1, [97])] },
    { isEnded: false, bytes: [settings, head, frame(0, 0, 1, [97]), frame(3, 0, 1, [0, 0, 0, 0])] }
  ]
  const request = (flags: number): Buffer => frame(1, flags, 1).subarray(3)
  for (const { isEnded, bytes } of ends) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      // The request has come once there is a frame of stream 1.
      const onData = (chunk: Buffer): void => {
        if (![0x05, 0x25].some((flags) => chunk.includes(request(flags)))) return
        socket.off('data', onData).resume().write(Buffer.concat(bytes))
      }
      socket.on('data', onData)
    }).listen(0)
    await once(server, 'listening')
    const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`)
    t.teardown(() => {
      session.destroy()
      server.close()
    })
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const onClosing = (message: unknown): void =>
      resolve(hasEnd((message as { stream: ClientHttp2Stream }).stream))
    subscribe('http2.client.stream.close', onClosing)
    session.on('error', () => undefined)
    session.request().on('error', () => undefined)
    t.equal(await promise, isEnded)
    unsubscribe('http2.client.stream.close', onClosing)
  }
})
