import { once } from 'node:events'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import type { Line } from '../log-lines.ts'
import { createLogPlace, linesIn } from './log-place.ts'
import { createWorkplace } from './run-cli.ts'
import { ask } from './serving.ts'

t.test('SIGUSR1 switches to debug and back, and opens no debugger', async (t) => {
  const { child, log, line, port, stop } = await createWorkplace(t).serve()
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const changes = (): Line[] => log.filter(({ msg }) => msg === 'log level changed')
  for (const [n, level] of ['debug', 'info', 'debug'].entries()) {
    child.kill('SIGUSR1')
    await waitFor(() => changes().length > n, 'the change')
    t.match(changes()[n], { level: 30, log_level: level })
  }
  t.equal((await ask(port, '/')).status, 404)
  await line({ msg: 'request', path: '/' })
  t.equal(await stop(), 0)
  t.equal(complaints, '', 'no "Debugger listening"')
})

t.test('a quiet log has requests after SIGUSR1, until the next signal', async (t) => {
  const place = await createLogPlace(t, { log_level: 'error' })
  const server = await place.start()
  await ask(place.port, '/before')
  for (const level of ['debug', 'error']) {
    server.kill('SIGUSR1')
    await waitFor(
      () => linesIn(place.file).some(({ log_level }) => log_level === level),
      'the change'
    )
    await ask(place.port, `/${level}`)
  }
  server.kill('SIGTERM')
  t.strictSame(await once(server, 'exit'), [0, null])
  const lines = linesIn(place.file).map(({ msg, path, log_level: level }) => [msg, path ?? level])
  t.strictSame(lines, [
    ['log level changed', 'debug'],
    ['request', '/debug'],
    ['log level changed', 'error']
  ])
})

for (const level of ['debug', 'trace'] as const)
  t.test(`a log at ${level} is switched to info`, async (t) => {
    const { child, line } = await createWorkplace(t, { log_level: level }).serve()
    child.kill('SIGUSR1')
    await line({ msg: 'log level changed', log_level: 'info' })
    child.kill('SIGUSR1')
    await line({ msg: 'log level changed', log_level: level })
  })
