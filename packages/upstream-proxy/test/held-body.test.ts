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
  const body = new HeldBody('192.0.2.1')
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
  const body = new HeldBody('192.0.2.1')
  const pieces = ['a'.repeat(20_000), 'b', 'c'.repeat(30_000), 'd'.repeat(70_000)]
  for (const piece of pieces) body.add(Buffer.from(piece), 'given')
  t.ok(body.isFull)
  t.equal(release(body).bytes.toString(), pieces.join(''))
  t.equal(heldBytes(), 0)
})

test('what all of them hold is bounded, and what those of one client do: beyond that no more has room', async (t) => {
  const bodies: HeldBody[] = []
  const fill = (client: string): number => {
    const before = heldBytes()
    for (let body = new HeldBody(client); body.hasRoom; body = new HeldBody(client)) {
      bodies.push(body)
      body.add(Buffer.alloc(60_000), 'given')
      t.notOk(body.isFull, 'which does not make it worth a connection')
    }
    return heldBytes() - before
  }
  t.ok(fill('192.0.2.1') < 4.1 * MIB)
  for (let at = 2; at < 9; at++) fill(`192.0.2.${at}`)
  t.ok(heldBytes() < 16.1 * MIB, `${heldBytes()}`)
  t.ok(heldBytes() > 15 * MIB)
  t.notOk(new HeldBody('192.0.2.9').hasRoom)
  for (const body of bodies) body.clear()
  t.equal(heldBytes(), 0)
})

test('a body that was given up can be held again from its beginning', async (t) => {
  const body = new HeldBody('192.0.2.1')
  body.add(Buffer.from('given up'), 'given')
  body.clear()
  body.add(Buffer.from('kept'), 'given')
  t.equal(release(body).bytes.toString(), 'kept')
  t.equal(heldBytes(), 0)
})
