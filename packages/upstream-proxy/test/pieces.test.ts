import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { portOf, seededRandom, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { pauseReading, resumeReading } from '../src/pieces/paused-reading.ts'
import {
  type OnTaken,
  type Ownership,
  type PieceTarget,
  PieceWriter
} from '../src/pieces/piece-writer.ts'
import { DATA, END_STREAM, frame, headers } from './http2/frames.ts'
import { startRawOrigin } from './http2/origin.ts'
import { Recorder } from './http2/recorder.ts'
import { request } from './http2/requests.ts'

const WAITING = 256 * 1024

/** Takes a piece when it is told to. */
class Slow implements PieceTarget {
  readonly pieces: Buffer[] = []
  readonly open: (() => void)[] = []
  rooms = 0
  waiting = 0

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    this.pieces.push(bytes)
    this.waiting += bytes.length
    this.open.push(() => {
      this.waiting -= bytes.length
      // What is given back, or freed, is used again.
      this.pieces[this.pieces.indexOf(bytes)] = Buffer.from(bytes)
      onTaken()
    })
  }

  onRoom(): void {
    this.rooms++
  }

  onThrow(error: unknown): void {
    throw error
  }

  take(): void {
    this.open.shift()?.()
  }
}

test('a piece goes at once while the stream takes them', (t) => {
  const target = new Slow()
  const writer = new PieceWriter(target)
  for (let at = 1; at <= 3; at++) {
    t.equal(writer.write(Buffer.from('event'), 'lent'), true)
    t.equal(target.pieces.length, at)
    target.take()
  }
  t.equal(target.rooms, 0)
  t.end()
})

for (const size of [1, 3, 4095, 4096, 16_384, 65_536]) {
  test(`pieces of ${size} bytes that are not taken become few`, (t) => {
    const target = new Slow()
    const writer = new PieceWriter(target)
    const piece = Buffer.alloc(size)
    let written = 0
    do {
      piece.fill(written / size)
      written += size
    } while (writer.write(piece, 'lent'))
    t.ok(written >= WAITING && written < WAITING + size, 'so much waits')
    t.ok(target.pieces.length <= 8, `${target.pieces.length} pieces`)
    t.equal(target.rooms, 0)
    while (target.open.length > 0) target.take()
    t.equal(target.rooms, 1)
    const all = Buffer.concat(target.pieces)
    t.equal(all.length, written)
    t.ok(all.every((byte, at) => byte === (Math.floor(at / size) & 255)))
    t.end()
  })
}

test('pieces of any size and owner come whole and in order, however they are taken', (t) => {
  const { below, pick } = seededRandom(t)
  for (let rounds = 0; rounds < 50; rounds++) {
    const target = new Slow()
    const writer = new PieceWriter(target)
    const sent: Buffer[] = []
    for (let pieces = 0; pieces < 100; pieces++) {
      const size = 1 + below(below(3) === 0 ? 70_000 : 300)
      const chunk = Buffer.alloc(size, below(256))
      sent.push(Buffer.from(chunk))
      const ownership = pick<Ownership>(['lent', 'shared', 'given'])
      writer.write(chunk, ownership)
      if (ownership === 'lent') chunk.fill(0)
      while (below(2) === 0) target.take()
    }
    writer.flush()
    if (!Buffer.concat(target.pieces).equals(Buffer.concat(sent))) t.fail(`round ${rounds}`)
  }
  t.end()
})

test('what comes to a paused stream is put together', async (t) => {
  const stream = new PassThrough()
  const pieces: Buffer[] = []
  stream.on('data', (chunk: Buffer) => pieces.push(chunk))
  const feed = stream.push.bind(stream)
  feed(Buffer.from('a'))
  pauseReading(stream)
  for (let at = 0; at < 100_000; at++) stream.push(Buffer.of(at & 255))
  stream.push(null)
  resumeReading(stream)
  await once(stream, 'end')
  t.ok(pieces.length <= 5, `${pieces.length} pieces`)
  const all = Buffer.concat(pieces).subarray(1)
  t.equal(all.length, 100_000)
  t.ok(all.every((byte, at) => byte === (at & 255)))
})

test('a socket that is paused and resumed again and again gives all that came', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const sender = connect(portOf(server), '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  let received = 0
  let pauses = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (pauses >= 200) return
    pauses++
    pauseReading(socket)
    setImmediate(resumeReading, socket)
  })
  sender.end(Buffer.alloc(20_000_000))
  await once(socket, 'end')
  t.equal(received, 20_000_000)
  t.ok(pauses > 20)
})

test('frames of one byte from an HTTP/2 origin are put together while nobody takes them', async (t) => {
  const { session, socket, remote, requested } = await startRawOrigin(t)
  const answer = new Recorder()
  answer.accept = () => answer.chunks.length > 1
  const exchange = session.send(request(), answer)
  await requested(1)
  const frames = Array.from({ length: 50_000 }, (_, at) => frame(DATA, 0, 1, Buffer.of(at & 255)))
  remote.write(headers(1, { ':status': '200' }))
  remote.write(Buffer.concat([...frames, frame(DATA, END_STREAM, 1)]))
  await waitFor(() => socket.bytesRead > 500_000, 'the frames')
  exchange.resume()
  await answer.over
  t.equal(answer.failure, undefined)
  t.ok(answer.chunks.length < 2000, `${answer.chunks.length} pieces`)
  t.equal(answer.body.length, 50_000)
  t.ok(answer.body.every((byte, at) => byte === (at & 255)))
})
