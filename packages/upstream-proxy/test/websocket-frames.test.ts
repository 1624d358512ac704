import { test } from 'tap'
import { FrameTracker } from '../src/tunnel/frame-tracker.ts'
import { frame } from './websocket-frame.ts'

test('frames of every length are followed, wherever they are cut', (t) => {
  for (const isMasked of [false, true]) {
    for (const length of [0, 1, 125, 126, 127, 300, 65_535, 65_536]) {
      const bytes = frame({ length, isMasked })
      const cuts = length < 1000 ? bytes.keys() : [0, 1, 2, 3, 4, 9, 10, 11, 13, 14, 15, 40_000]
      for (const cut of cuts) {
        const tracker = new FrameTracker()
        tracker.track(bytes.subarray(0, cut))
        if (tracker.isBetweenFrames !== (cut === 0)) t.fail(`${length} bytes, cut at ${cut}`)
        tracker.track(bytes.subarray(cut))
        if (!tracker.isBetweenFrames) t.fail(`${length} bytes, after the cut at ${cut}`)
      }
    }
  }
  t.end()
})

test('frames are followed byte by byte, and many in one chunk', (t) => {
  const lengths = [0, 5, 126, 0, 70_000, 1]
  const frames = lengths.map((length, index) => frame({ length, isMasked: index % 2 === 0 }))
  const single = new FrameTracker()
  const ends: number[] = []
  const all = Buffer.concat(frames)
  for (const index of all.keys()) {
    single.track(all.subarray(index, index + 1))
    if (single.isBetweenFrames) ends.push(index + 1)
  }
  let sum = 0
  t.strictSame(
    ends,
    frames.map(({ length }) => (sum += length))
  )
  const whole = new FrameTracker()
  whole.track(all.subarray(0, -1))
  t.notOk(whole.isBetweenFrames)
  whole.track(all.subarray(-1))
  t.ok(whole.isBetweenFrames)
  t.end()
})

test('a fragmented message has boundaries between its frames', (t) => {
  const tracker = new FrameTracker()
  for (const part of [
    frame({ opcode: 1, isFinal: false, length: 3 }),
    frame({ opcode: 9, length: 0 }),
    frame({ opcode: 0, isFinal: false, length: 200 }),
    frame({ opcode: 0, length: 3 })
  ]) {
    tracker.track(part.subarray(0, 1))
    t.notOk(tracker.isBetweenFrames)
    tracker.track(part.subarray(1))
    t.ok(tracker.isBetweenFrames)
  }
  t.notOk(tracker.isClosing)
  t.end()
})

test('a close frame is noticed from its first byte on', (t) => {
  const tracker = new FrameTracker()
  const close = frame({ opcode: 8, length: 2, isMasked: true })
  // Payloads that look like close frames are none.
  tracker.track(frame({ length: 3, fill: 0x88 }))
  t.notOk(tracker.isClosing)
  tracker.track(close.subarray(0, 1))
  t.ok(tracker.isClosing)
  t.notOk(tracker.isBetweenFrames)
  tracker.track(close.subarray(1))
  t.ok(tracker.isBetweenFrames)
  t.ok(tracker.isClosing)
  t.end()
})

test('the end of the frame that has begun is found in a chunk', (t) => {
  const tracker = new FrameTracker()
  const long = frame({ length: 70_000 })
  const next = frame({ length: 5 })
  t.equal(tracker.finishFrame(long), 0)
  tracker.track(long.subarray(0, 5))
  t.equal(tracker.finishFrame(Buffer.alloc(0)), 0)
  t.equal(tracker.finishFrame(long.subarray(5, 50)), 45)
  t.equal(tracker.finishFrame(Buffer.concat([long.subarray(50), next])), long.length - 50)
  t.ok(tracker.isBetweenFrames)
  t.equal(tracker.finishFrame(next), 0)
  t.end()
})

test('lengths that nobody can mean never end, and cost nothing', (t) => {
  for (const bytes of [
    Buffer.alloc(10, 0xff),
    Buffer.of(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0),
    Buffer.of(0x82, 127, 0, 0x20, 0, 0, 0, 0, 0, 0)
  ]) {
    const tracker = new FrameTracker()
    tracker.track(bytes)
    for (let count = 0; count < 100; count += 1) tracker.track(Buffer.alloc(65_536, 0xff))
    t.notOk(tracker.isBetweenFrames)
  }
  t.end()
})

test('random bytes are followed to some end', (t) => {
  let seed = 1
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647)
  for (let round = 0; round < 200; round += 1) {
    const bytes = Buffer.from(Array.from({ length: 1000 }, () => random() % 256))
    const [whole, pieces] = [new FrameTracker(), new FrameTracker()]
    whole.track(bytes)
    for (let at = 0; at < bytes.length;) {
      const end = at + (random() % 20)
      pieces.track(bytes.subarray(at, end))
      at = end
    }
    if (whole.isBetweenFrames !== pieces.isBetweenFrames) t.fail(`round ${round}`)
    if (whole.isClosing !== pieces.isClosing) t.fail(`round ${round}`)
  }
  t.end()
})
