// Admission belongs to the response that is served: not to one that was found before.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { portOf, tempDir, type TestContext, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

const LARGE = 6 * 1024 * 1024

interface SlowSite extends ProtectedServer {
  file: string
  /** As it is in the store. */
  entry: object
  /** Questions to the auth server that it has not answered yet, the first one first. */
  questions: ServerResponse[]
}

/** A large file, for which a rule asks a server that answers when the test says so. */
async function startSlow(t: TestContext): Promise<SlowSite> {
  const dir = tempDir(t)
  mkdirSync(join(dir, HOST))
  const file = join(dir, HOST, 'large.bin')
  writeFileSync(file, Buffer.alloc(LARGE, 'old'))
  const questions: ServerResponse[] = []
  const sso = createServer((_request, response) => void questions.push(response))
  await once(sso.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => sso.close().closeAllConnections())
  const auth = { any: [{ forward: { url: `http://127.0.0.1:${portOf(sso)}/` } }] }
  const entry = { methods: { GET: true }, auth }
  const server = await startProtected(t, { large: entry }, {}, { data_dir: dir })
  return { ...server, file, entry, questions }
}

/** Replaces the file at once, as careful programs do, and waits until the server knows. */
function replace({ file }: SlowSite, content: string): void {
  writeFileSync(`${file}.new`, Buffer.alloc(LARGE, content))
  renameSync(`${file}.new`, file)
}

test('a file that is replaced during a slow auth request is served by its new rule', async (t) => {
  const site = await startSlow(t)
  const { questions, visitor, logIn, set } = site
  const pending = visitor().visit('/large.bin')
  await waitFor(() => questions.length === 1, 'the question')
  await set(`API:${HOST}:large`, { methods: { GET: true }, auth: ['ada'] })
  t.equal((await (await logIn('bob')).visit('/large.bin')).status, 403)
  replace(site, 'new secret')
  questions[0]?.end()
  const answer = await pending
  t.equal(answer.status, 302, 'to the login page')
  t.notMatch(answer.text, 'new secret')
  t.equal(questions.length, 1)
})

test('a response that changed under the same rule is authorized again', async (t) => {
  const site = await startSlow(t)
  const { questions, visitor } = site
  const pending = [visitor().visit('/large.bin'), visitor().visit('/large.bin')]
  await waitFor(() => questions.length === 2, 'two questions')
  replace(site, 'new')
  for (const question of questions) question.end()
  await waitFor(() => questions.length === 4, 'two more')
  questions[2]?.end()
  questions[3]?.writeHead(403).end('no more')
  const statuses = new Set((await Promise.all(pending)).map(({ status }) => status))
  t.strictSame(statuses, new Set([200, 403]))
})

test('a request whose response is replaced counts once against a limit', async (t) => {
  const site = await startSlow(t)
  const { questions, visitor, set, entry } = site
  await set(`API:${HOST}:large`, { ...entry, rate_limit: { GET: { limit: 2, period: 3600 } } })
  const pending = visitor().visit('/large.bin')
  await waitFor(() => questions.length === 1, 'the question')
  replace(site, 'new')
  questions[0]?.end()
  await waitFor(() => questions.length === 2, 'the question about the new file')
  questions[1]?.end()
  t.equal((await pending).status, 200)
  for (const [asked, status] of [
    [3, 200],
    [4, 429]
  ] as const) {
    const next = visitor().visit('/large.bin')
    await waitFor(() => questions.length === asked, 'the question of another request')
    questions[asked - 1]?.end()
    t.equal((await next).status, status)
  }
})
