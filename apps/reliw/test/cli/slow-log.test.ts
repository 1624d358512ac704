import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync, symlinkSync, unlinkSync } from 'node:fs'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import type { Line } from '../log-lines.ts'
import { createLogPlace, linesIn, linesOf, LONG_LINE, type LogPlace } from './log-place.ts'

/** More lines than wait for a slow disk, whose bytes are 2 MiB and what a pipe holds. */
const MANY = Math.ceil((4 * 1024 * 1024) / LONG_LINE)

/** As many requests, some at once. Returns the statuses that there were. */
async function askMany({ askAtLength }: LogPlace): Promise<number[]> {
  const statuses = new Set<number>()
  for (let n = 0; n < MANY; n += 10) {
    const some = await Promise.all(Array.from({ length: 10 }, askAtLength))
    for (const status of some) statuses.add(status)
  }
  return [...statuses]
}

t.test('requests are served while the log is not read; dropped lines are counted', async (t) => {
  const place = await createLogPlace(t)
  const fifo = openFifo(place)
  t.teardown(() => closeSync(fifo))
  await place.start()
  t.strictSame(await askMany(place), [404])

  let text = ''
  const lines = await waitFor(() => {
    text += readNow(fifo)
    const lines = linesOf(text)
    return sumOf(lines) >= place.answered() && lines
  }, 'the lines')
  const lost = lines.filter(({ msg }) => msg === 'log lines dropped')
  t.equal(lost.length, 1)
  t.match(lost, [{ level: 40, count: Number, total: lost[0]?.['count'] }])
  t.equal(sumOf(lines), place.answered(), 'each was written or is counted')
  t.ok(Number(lost[0]?.['count']) > 50, `${String(lost[0]?.['count'])} were lost`)
})

t.test('requests are served while the disk is full; dropped lines are counted', async (t) => {
  const place = await createLogPlace(t)
  const { file } = place
  symlinkSync('/dev/full', file)
  const server = await place.start()
  for (let n = 0; n < 20; n++) t.equal(await place.askAtLength(), 404)
  // There is room elsewhere.
  unlinkSync(file)
  server.kill('SIGUSR2')
  const told = await waitFor(
    () => linesIn(file).find(({ msg }) => msg === 'log lines dropped'),
    'it'
  )
  const { count } = told as Line & { count: number }
  t.ok(count >= place.answered(), `${count} were lost of ${place.answered()} and some more`)
  t.equal(await place.askAtLength(), 404)
  await waitFor(() => linesIn(file).some(({ msg }) => msg === 'request'), 'the next request')
})

for (const [what, prepare] of [
  ['the log', openFifo],
  ['its output', undefined]
] as const)
  t.test(`a server ends on SIGTERM although nobody reads ${what}`, async (t) => {
    const place = await createLogPlace(t, prepare === undefined ? { log_file: undefined } : {})
    const fifo = prepare?.(place)
    if (fifo !== undefined) t.teardown(() => closeSync(fifo))
    const server = await place.start()
    t.strictSame(await askMany(place), [404])
    server.kill('SIGTERM')
    t.strictSame(await once(server, 'exit'), [null, 'SIGTERM'])
  })

/** Makes the log a pipe that is open for reading, so that writing to it does not fail at once. */
function openFifo({ file }: LogPlace): number {
  execFileSync('mkfifo', [file])
  return openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
}

function readNow(fd: number): string {
  const chunk = Buffer.alloc(65_536)
  try {
    return chunk.toString('latin1', 0, readSync(fd, chunk))
  } catch {
    // Empty for now.
    return ''
  }
}

/** How many requests lines tell of: those that have one, and those whose line was lost. */
function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { msg, count }) => {
    if (msg === 'log lines dropped') return sum + Number(count)
    return msg === 'request' ? sum + 1 : sum
  }, 0)
}
