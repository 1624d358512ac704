import { existsSync, readdirSync, readlinkSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { createLogPlace, linesIn } from './log-place.ts'
import { createWorkplace } from './run-cli.ts'
import { ask } from './serving.ts'

t.test('a log that was moved is written anew on SIGUSR2, and no line is lost', async (t) => {
  const place = await createLogPlace(t)
  const { file } = place
  const server = await place.start()
  const test = { isOver: false }
  const busy = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!test.isOver) await place.askAtLength()
    })
  )
  const files = [file]
  for (let n = 1; n <= 5; n++) {
    const before = place.answered()
    await waitFor(() => place.answered() > before + 10, 'some requests')
    renameSync(file, `${file}.${n}`)
    files.push(`${file}.${n}`)
    server.kill('SIGUSR2')
    await waitFor(() => linesIn(file).some(({ msg }) => msg === 'log file reopened'), 'the new one')
  }
  test.isOver = true
  await busy
  if (existsSync('/proc/self/fd')) {
    const open = readdirSync(`/proc/${server.pid}/fd`).map((fd) => linkOf(server.pid, fd))
    t.strictSame(
      open.filter((name) => name.startsWith(file)),
      [file]
    )
  }
  server.kill('SIGTERM')
  await waitFor(() => linesIn(file).some(({ msg }) => msg === 'closed'), 'the end')
  const lines = files.flatMap((name) => linesIn(name).filter(({ msg }) => msg === 'request'))
  t.equal(lines.length, place.answered())
  t.equal(new Set(lines.map(({ request_id: id }) => id)).size, place.answered(), 'none twice')
  for (const name of files) t.ok(linesIn(name).length > 5, name)
})

t.test(
  'if the file cannot be opened, logging continues in the old one with an error',
  async (t) => {
    const place = await createLogPlace(t, { log_file: 'logs/log' })
    const server = await place.start()
    const [folder, moved] = [join(place.dir, 'logs'), join(place.dir, 'moved')]
    renameSync(folder, moved)
    writeFileSync(folder, 'in the way')
    server.kill('SIGUSR2')
    const lines = () => linesIn(join(moved, 'log'))
    const complaint = await waitFor(() => lines().find(({ level }) => level === 50), 'a complaint')
    t.match(complaint, { msg: 'log file could not be reopened', err: { code: 'EEXIST' } })
    const before = lines().length
    t.equal(await place.askAtLength(), 404)
    await waitFor(() => lines().length > before, 'the next line')
    renameSync(folder, `${folder}.txt`)
    server.kill('SIGUSR2')
    await waitFor(
      () => linesIn(join(folder, 'log')).some(({ msg }) => msg === 'log file reopened'),
      'the new one'
    )
  }
)

t.test('without a file SIGUSR2 does nothing', async (t) => {
  const { child, line, port, stop } = await createWorkplace(t).serve()
  child.kill('SIGUSR2')
  await line({ msg: 'no log file to reopen' })
  t.equal((await ask(port, '/')).status, 404)
  t.equal(await stop(), 0)
})

function linkOf(pid: number | undefined, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}
