import { test } from 'tap'
import { HeldBody, heldBytes, WINDOW } from '../src/forward/held-body.ts'

const MIB = 1024 * 1024

/** What a sink was given, and whether it may free it. */
function release(body: HeldBody): { bytes: Buffer; pieces: number } {
  const chunks: Buffer[] = []
  body.release({
    onChunk: (chunk) => {
      chunks.push(Buffer.from(chunk))
      return true
    },
    onEnd: () => {}
  })
  return { bytes: Buffer.concat(chunks), pieces: chunks.length }
}

test('pieces of one byte are held as one, and in their order', async (t) => {
  const body = new HeldBody()
  const sent = Buffer.from(Array.from({ length: WINDOW - 1 }, (_, at) => at % 251))
  for (let at = 0; at < sent.length; at++) body.add(sent.subarray(at, at + 1), 'given')
  t.notOk(body.isFull)
  t.ok(heldBytes() <= WINDOW)
  body.add(Buffer.from([7]), 'given')
  t.ok(body.isFull)
  const { bytes, pieces } = release(body)
  t.ok(bytes.equals(Buffer.concat([sent, Buffer.from([7])])))
  t.ok(pieces <= 2)
  t.equal(heldBytes(), 0)
})

test('large and small pieces keep their order', async (t) => {
  const body = new HeldBody()
  const pieces = ['a'.repeat(20_000), 'b', 'c'.repeat(30_000), 'd'.repeat(70_000)]
  for (const piece of pieces) body.add(Buffer.from(piece), 'given')
  t.ok(body.isFull)
  t.equal(release(body).bytes.toString(), pieces.join(''))
  t.equal(heldBytes(), 0)
})

test('what all of them hold is bounded: beyond that each is sent as it comes', async (t) => {
  const bodies: HeldBody[] = []
  for (let full = 0; full < 100;) {
    const body = new HeldBody()
    bodies.push(body)
    body.add(Buffer.alloc(60_000), 'given')
    if (body.isFull) full++
  }
  t.ok(heldBytes() < 24 * MIB, `${heldBytes()}`)
  t.ok(heldBytes() > 12 * MIB)
  for (const body of bodies) body.clear()
  t.equal(heldBytes(), 0)
})
