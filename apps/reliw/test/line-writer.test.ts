import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync
} from 'node:fs'
import { join } from 'node:path'
import { tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { LineWriter } from '../src/line-writer.ts'
import { openLogFile } from '../src/open-log-file.ts'

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

t.test('a single line is written soon', async (t) => {
  const file = join(tempDir(t), 'log')
  const fd = openSync(file, 'a')
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  writer.write('alone\n')
  await writer.flush()
  t.equal(readFileSync(file, 'utf8'), 'alone\n')
})

t.test('lines beyond the queue are dropped and counted, and memory stays bounded', async (t) => {
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
  const drain = setInterval(() => readNow(reader), 1)
  await flushed
  clearInterval(drain)
  closeSync(reader)
  closeSync(fd)
})

t.test('a disk that refuses lines loses them and nothing else', async (t) => {
  const fd = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  writer.write('lost\n')
  await writer.flush()
  t.equal(writer.dropped, 1)
})

t.test('the rest of a lost line does not corrupt the next one', async (t) => {
  const fifo = join(tempDir(t), 'pipe')
  execFileSync('mkfifo', [fifo])
  const first = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  t.teardown(() => closeSync(fd))
  const writer = new LineWriter(fd)
  // Longer than what a pipe holds: a part goes in, and the reader leaves before the rest.
  writer.write(`${'x'.repeat(200_000)}\n`)
  const flushed = writer.flush()
  const begun = await readSome(first)
  closeSync(first)
  await flushed
  t.equal(writer.dropped, 1)
  const second = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  t.teardown(() => closeSync(second))
  for (const line of ['next\n', 'after it\n']) {
    writer.write(line)
    await writer.flush()
  }
  t.match(begun + readNow(second), /^x+\nnext\nafter it\n$/)
  t.equal(writer.dropped, 1)
})

t.test('lines go to the file that was opened last, each once, in order', async (t) => {
  const dir = tempDir(t)
  const writer = new LineWriter(openSync(join(dir, '0'), 'a'))
  const lines: string[] = []
  for (let file = 1; file <= 20; file++) {
    for (let n = 0; n < 500; n++) {
      const line = `${file} ${n} ${'x'.repeat(n)}\n`
      lines.push(line)
      writer.write(line)
    }
    const reopened = writer.reopen(() => openLogFile(join(dir, String(file))))
    // These are taken while the file is being opened.
    for (let n = 0; n < 10; n++) {
      const line = `${file} meanwhile ${n}\n`
      lines.push(line)
      writer.write(line)
    }
    await reopened
    t.match(readFileSync(join(dir, String(file - 1)), 'utf8'), /\n\d+ meanwhile 9\n$/)
  }
  const names = Array.from({ length: 21 }, (_, name) => join(dir, String(name)))
  t.equal(names.map((name) => readFileSync(name, 'utf8')).join('') === lines.join(''), true)
  t.equal(writer.dropped, 0)
  const skip = !existsSync('/proc/self/fd') && 'no /proc here'
  await t.test('earlier log files are closed', { skip }, () =>
    waitFor(() => openIn(dir).length === 1, 'only the last to be open')
  )
})

t.test('files are opened in the order of the calls', async (t) => {
  const dir = tempDir(t)
  const writer = new LineWriter(openSync(join(dir, '0'), 'a'))
  const slow = Promise.withResolvers<void>()
  const first = writer.reopen(() => slow.promise.then(() => openLogFile(join(dir, '1'))))
  const second = writer.reopen(() => openLogFile(join(dir, '2')))
  slow.resolve()
  await Promise.all([first, second])
  writer.write('last\n')
  await writer.flush()
  t.equal(readFileSync(join(dir, '2'), 'utf8'), 'last\n')
})

t.test('if the new file cannot be opened, the old one stays in use', async (t) => {
  const file = join(tempDir(t), 'log')
  const writer = new LineWriter(openSync(file, 'a'))
  writer.write('before\n')
  await t.rejects(
    writer.reopen(() => openLogFile(join(file, 'below'))),
    { code: 'EEXIST' }
  )
  writer.write('after\n')
  await writer.flush()
  t.equal(readFileSync(file, 'utf8'), 'before\nafter\n')
  await writer.reopen(() => openLogFile(`${file}.2`))
  writer.write('later\n')
  await writer.flush()
  t.equal(readFileSync(`${file}.2`, 'utf8'), 'later\n')
})

t.test('onWritten is called after a successful write', async (t) => {
  const full = new LineWriter(openSync('/dev/full', 'w'))
  const told: number[] = []
  full.onWritten = () => told.push(full.dropped)
  full.write('lost\n')
  await full.flush()
  t.strictSame(told, [])
  await full.reopen(() => openLogFile(join(tempDir(t), 'log')))
  full.write('written\n')
  await full.flush()
  t.strictSame(told, [1])
})

/** Waits for something in a pipe. */
async function readSome(fd: number): Promise<string> {
  return waitFor(() => readNow(fd) || undefined, 'something to read')
}

/** What is in a pipe now. */
function readNow(fd: number): string {
  const chunk = Buffer.alloc(65_536)
  let text = ''
  try {
    for (let size = -1; size !== 0; text += chunk.toString('latin1', 0, size)) {
      size = readSync(fd, chunk)
    }
  } catch {
    // Empty for now.
  }
  return text
}

/** The files of a folder that this process has open. */
function openIn(dir: string): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd))
    } catch {
      // The descriptor that the folder was read with.
      return ''
    }
  })
  return links.filter((file) => file.startsWith(dir))
}
