import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { portOf } from '@reliw/testing'
import { test } from 'tap'
import { freeChunk } from '../src/pieces/free-chunk.ts'
import { RequestWriter } from '../src/http1/request-writer.ts'

const SIZE = 64 * 1024

test('a chunk that has its memory to itself is freed', async (t) => {
  const chunk = Buffer.alloc(SIZE, 'x')
  freeChunk(chunk)
  t.equal(chunk.length, 0)
})

test('memory that others may look at is left alone', async (t) => {
  const whole = Buffer.alloc(SIZE, 'x')
  freeChunk(whole.subarray(1))
  freeChunk(whole.subarray(0, SIZE / 2))
  t.equal(whole.toString(), 'x'.repeat(SIZE))
  const shared = Buffer.from(new SharedArrayBuffer(SIZE))
  freeChunk(shared)
  t.equal(shared.length, SIZE)
})

for (const length of [3 * SIZE, undefined]) {
  test(`chunks that were given are freed once sent, others kept (length ${length})`, async (t) => {
    const server = createServer()
    t.teardown(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect(portOf(server), '127.0.0.1')
    const [far] = await once(server, 'connection')
    const chunks = ['a', 'b', 'c'].map((letter) => Buffer.alloc(SIZE, letter))
    new RequestWriter(socket, (error) => t.error(error)).write('', {
      length,
      isUsed: false,
      start: (sink) => {
        for (const [at, chunk] of chunks.entries())
          sink.onChunk(chunk, at === 1 ? 'shared' : 'given')
        sink.onEnd([])
      },
      resume: () => {}
    })
    socket.end()
    const received = String(Buffer.concat(await far.toArray()))
    for (const letter of 'abc') t.equal(received.split(letter).length - 1, SIZE, letter)
    t.strictSame(
      chunks.map((chunk) => chunk.length),
      [0, SIZE, 0]
    )
  })
}
