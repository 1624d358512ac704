import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { LineWriter } from '../src/line-writer.ts'

t.test('every line arrives once, in order, whatever their lengths', async (t) => {
  const file = join(tempDir(t), 'log')
  const fd = openSync(file, 'a')
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  const lines: string[] = []
  for (let n = 0; n < 20_000; n++) {
    const line = `${n} ${'ü'.repeat(n % 997 === 0 ? 40_000 : n % 100)}\n`
    lines.push(line)
    writer.write(line)
    if (n % 1000 === 0) await writer.flush()
  }
  await writer.flush()
  t.equal(readFileSync(file, 'utf8') === lines.join(''), true)
  t.equal(writer.dropped, 0)
})

t.test('a line is written soon, also when no other follows', async (t) => {
  const file = join(tempDir(t), 'log')
  const fd = openSync(file, 'a')
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  writer.write('alone\n')
  await writer.flush()
  t.equal(readFileSync(file, 'utf8'), 'alone\n')
})

t.test('what nobody takes is dropped and counted, and memory stays bounded', async (t) => {
  const fifo = join(tempDir(t), 'pipe')
  execFileSync('mkfifo', [fifo])
  // Opened for both, so that there is a reader who never reads.
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  const writer = new LineWriter(fd)
  for (let n = 0; n < 100_000; n++) writer.write(`${'x'.repeat(99)}\n`)
  t.ok(writer.dropped > 50_000)
  // The pipe is emptied, so that what waits can go.
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const flushed = writer.flush()
  const drain = setInterval(() => drainNow(reader), 1)
  await flushed
  clearInterval(drain)
  closeSync(reader)
  closeSync(fd)
})

function drainNow(fd: number): void {
  try {
    readFileSync(fd)
  } catch {
    // Empty for now.
  }
}

t.test('a disk that refuses lines loses them and nothing else', async (t) => {
  const fd = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  writer.write('lost\n')
  await writer.flush()
  t.equal(writer.dropped, 1)
})
