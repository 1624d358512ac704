import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { portOf } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Busy } from '../src/errors.ts'
import { Passwords } from '../src/passwords/verify.ts'
import { WorkQueue } from '../src/passwords/work-queue.ts'

/** Work that ends when it is told to, and notes when it begins. */
function startJobs(queue: WorkQueue, count: number) {
  const began: number[] = []
  const doors = Array.from({ length: count }, () => Promise.withResolvers<number>())
  const ends = doors.map(({ promise }, job) =>
    queue.run(() => {
      began.push(job)
      return promise
    })
  )
  return { began, doors, ends }
}

t.test('two run at once, the others one after the other in the order they came', async (t) => {
  const queue = new WorkQueue()
  const { began, doors, ends } = startJobs(queue, 5)
  t.strictSame([began, queue.running, queue.waiting], [[0, 1], 2, 3])
  doors[1]?.resolve(10)
  t.equal(await ends[1], 10)
  t.strictSame([began, queue.running, queue.waiting], [[0, 1, 2], 2, 2])
  for (const { resolve } of doors) resolve(20)
  t.strictSame(await Promise.all(ends), [20, 10, 20, 20, 20])
  t.strictSame(began, [0, 1, 2, 3, 4])
  t.strictSame([queue.running, queue.waiting, queue.started], [0, 0, 5])
})

t.test(
  'a task that arrives while a permit is handed on does not overtake waiting ones',
  async (t) => {
    const queue = new WorkQueue(1)
    const order: string[] = []
    const first = queue.run(async () => order.push('first'))
    const second = queue.run(async () => order.push('second'))
    const late = first.then(() => queue.run(async () => order.push('late')))
    await Promise.all([first, second, late])
    t.strictSame(order, ['first', 'second', 'late'])
  }
)

t.test('64 may wait; more are refused until there is room again', async (t) => {
  const queue = new WorkQueue()
  const { doors, ends } = startJobs(queue, 66)
  await t.rejects(() => queue.run(async () => 1), Busy)
  doors[0]?.resolve(0)
  await ends[0]
  const late = queue.run(async () => 1)
  await t.rejects(() => queue.run(async () => 1), Busy)
  for (const { resolve } of doors) resolve(0)
  await Promise.all(ends)
  t.equal(await late, 1)
  t.equal(queue.started, 67)
})

t.test('work that fails frees its place', async (t) => {
  const queue = new WorkQueue(1, 1)
  const failing = queue.run(() => Promise.reject(new Error('failed')))
  const throwing = queue.run(() => {
    throw new Error('thrown')
  })
  await t.rejects(failing, { message: 'failed' })
  await t.rejects(throwing, { message: 'thrown' })
  t.strictSame([queue.running, queue.waiting], [0, 0])
})

t.test('the refusal is a 503 without a stack', async (t) => {
  const error = new Busy()
  t.match(error, { code: 'RELIW_AUTH_BUSY', statusCode: 503, message: 'Service unavailable' })
  t.equal(error.stack, undefined)
})

t.test('of 80 passwords at once, 66 are checked and 14 refused', async (t) => {
  const queue = new WorkQueue()
  const passwords = new Passwords(queue)
  const checks = Array.from({ length: 80 }, () => passwords.verify(undefined, 'x'))
  const outcomes = await Promise.allSettled(checks)
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : []
  )
  t.equal(errors.length, 14)
  t.ok(errors.every((error) => error instanceof Busy))
  t.strictSame([queue.started, queue.running, queue.waiting], [66, 0, 0])
})

t.test('sockets and files are served while passwords are hashed', async (t) => {
  const exchange = await startEcho(t)
  const queue = new WorkQueue()
  const passwords = new Passwords(queue)
  const checks = Array.from({ length: 40 }, () => passwords.verify(undefined, 'x'))
  for (let i = 0; i < 10; i++) {
    await exchange()
    await readFile(import.meta.filename)
  }
  t.ok(queue.waiting > 0, `${queue.waiting} passwords are still waiting`)
  await Promise.all(checks)
})

/** @returns sends a byte to a server and waits until it is back */
async function startEcho(t: Test): Promise<() => Promise<unknown>> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(portOf(server), '127.0.0.1')
  t.teardown(() => {
    client.destroy()
    server.close()
  })
  await once(client, 'connect')
  return () => {
    client.write('x')
    return once(client, 'data')
  }
}
