// Places where nothing can be made or read: each is told in one sentence, and no command waits there.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

/** A parent that is there and in which mkdir(2) fails with ENOENT. */
const ODD = existsSync('/proc/self') ? {} : { skip: 'needs /proc' }

t.test('a store below /proc is refused at once, with its path', ODD, async (t) => {
  const { runAlone } = createWorkplace(t, { store: { dir: '/proc/reliw/store' } })
  for (const args of [['serve'], ['keys']]) {
    t.match(await runAlone(args), {
      code: 1,
      stderr: /^[^\n]*\/proc\/reliw\/store: ENOENT: [^\n]*'\/proc\/reliw'\n$/
    })
  }
})

t.test('a log file below /proc is refused at once, in one sentence', ODD, async (t) => {
  const { runAlone } = createWorkplace(t, { log_file: '/proc/reliw/log' })
  t.match(await runAlone(['serve']), { code: 1, stderr: /^ENOENT: [^\n]*'\/proc\/reliw'\n$/ })
})

t.test('an export to a folder below /proc is refused at once', ODD, async (t) => {
  const { runAlone, reliw } = createWorkplace(t)
  await reliw('set', 'API:a.example', '[]')
  t.match(await runAlone(['export', '--out', '/proc/reliw']), {
    code: 1,
    stderr: /^ENOENT: [^\n]*'\/proc\/reliw'\n$/
  })
})

t.test('a store whose file is a named pipe is refused at once', async (t) => {
  for (const name of ['lock.mdb', 'data.mdb']) {
    const dir = join(tempDir(t), 'store')
    mkdirSync(dir)
    execFileSync('mkfifo', [join(dir, name)])
    const { runAlone } = createWorkplace(t, { store: { dir } })
    t.match(await runAlone(['keys']), {
      code: 1,
      stderr: new RegExp(`${dir}: .*${name} is not a regular file\n$`)
    })
  }
})
