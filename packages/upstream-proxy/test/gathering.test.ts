import { test } from 'tap'
import { type GatheredBody, Gathering } from '../src/forward/gathering.ts'

const IDLE = 60_000

interface Upload {
  gathering: Gathering
  body: { -readonly [K in keyof GatheredBody]: GatheredBody[K] }
  /** Whether an origin has a connection to spare. */
  room: boolean
  /** Lets time pass, to the deadline; what is due then. */
  wait: () => string
  /** Lets time pass until the wait is over; what is due then. */
  waitToEnd: () => string
  /** Milliseconds that have passed. */
  now: number
}

/** A body on a clock of its own, of which nothing has come. */
function startUpload(fields: Partial<GatheredBody>, idle = IDLE): Upload {
  const body: Upload['body'] = {
    client: '192.0.2.1',
    length: undefined,
    isReady: false,
    isBlocked: false,
    isOwed: false,
    gather: () => undefined,
    readOn: () => false,
    ...fields
  }
  const clock = { after: (ms: number) => upload.now + ms }
  const group = { hasRoomForUpload: (client: string) => client === body.client && upload.room }
  const gathering = new Gathering(body, idle, clock, group)
  const upload: Upload = {
    gathering,
    body,
    room: true,
    now: 0,
    wait: () => {
      upload.now = gathering.deadline
      return gathering.due(upload.now)
    },
    waitToEnd: () => {
      const due = upload.wait()
      return due === 'wait' ? upload.waitToEnd() : due
    }
  }
  return upload
}

test('a body that is here is worth a connection at once', async (t) => {
  let isRead = false
  const gather = (): void => void (isRead = true)
  const { gathering } = startUpload({ isReady: true, gather })
  t.equal(gathering.begin(), true)
  t.equal(isRead, true)
})

test('the beginning of a body of unknown length is sent after a second, whatever comes', async (t) => {
  const upload = startUpload({})
  t.equal(upload.gathering.begin(), false)
  upload.now = 900
  t.equal(upload.gathering.progress(), false)
  t.equal(upload.wait(), 'send')
  t.equal(upload.now, 1000)
})

test('that of a body of known length is sent when two seconds brought no more', async (t) => {
  const upload = startUpload({ length: 4000 })
  t.equal(upload.gathering.begin(), false)
  upload.now = 1900
  t.equal(upload.gathering.progress(), false)
  t.equal(upload.wait(), 'send')
  t.equal(upload.now, 3900)
})

test('a short idle timeout shortens the patience, so that there is time to send', async (t) => {
  const upload = startUpload({ length: 4000 }, 500)
  upload.gathering.begin()
  t.equal(upload.wait(), 'send')
  t.equal(upload.now, 250)
})

test('without a connection to spare a body of unknown length is held up, no fault of its client', async (t) => {
  const upload = startUpload({})
  upload.room = false
  upload.gathering.begin()
  t.equal(upload.waitToEnd(), 'held up')
  t.equal(upload.now, IDLE)
})

test('a connection that becomes free is taken within a second', async (t) => {
  const upload = startUpload({})
  upload.room = false
  upload.gathering.begin()
  t.equal(upload.wait(), 'wait')
  upload.room = true
  t.equal(upload.wait(), 'send')
  t.equal(upload.now, 2000)
})

test('a client that sends no more of a known length, or nothing after it was asked, is silent', async (t) => {
  for (const isOwed of [false, true]) {
    const upload = startUpload({ length: 4000, isOwed })
    upload.room = isOwed
    upload.gathering.begin()
    t.equal(upload.waitToEnd(), 'silent')
    t.equal(upload.now, IDLE)
  }
})

test('a body that is not read for want of room takes no connection, and is read on when there is room', async (t) => {
  let hasRoom = false
  const readOn = (): boolean => {
    upload.body.isBlocked = !hasRoom
    return hasRoom
  }
  const upload = startUpload({ length: 4000, isBlocked: true, readOn })
  upload.gathering.begin()
  t.equal(upload.wait(), 'wait')
  hasRoom = true
  t.equal(upload.wait(), 'wait', 'it is read on first')
  t.equal(upload.wait(), 'send')
  t.equal(upload.now, 4000)
})

test('a body that never finds room is held up', async (t) => {
  const upload = startUpload({ length: 4000, isBlocked: true })
  upload.gathering.begin()
  t.equal(upload.waitToEnd(), 'held up')
  t.equal(upload.now, IDLE)
})
