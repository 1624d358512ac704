// A site with files of every kind that only ada may have.

import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, type TestContext } from '@reliw/testing'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

/** More than is kept in memory. */
const LARGE = 6 * 1024 * 1024
/** What is in them. */
export const SECRET = 'what only ada may read'

/** Starts a server with them, on disk and in the store. */
export async function startWithFiles(t: TestContext): Promise<ProtectedServer> {
  const dir = tempDir(t)
  const root = join(dir, HOST, 'private')
  mkdirSync(join(root, 'folder'), { recursive: true })
  for (const name of ['file.txt', 'page.md', 'folder/index.html'])
    writeFileSync(join(root, name), SECRET)
  writeFileSync(join(root, 'large.bin'), SECRET)
  truncateSync(join(root, 'large.bin'), LARGE)
  const entry = { auth: ['ada'], index: 'index.html', try_extensions: true, error: { 404: SECRET } }
  return startProtected(
    t,
    { private: entry, public: {} },
    {
      [`FILES:${HOST}:/private/stored.txt`]: { content: SECRET },
      [`FILES:${HOST}:/public.txt`]: { content: 'for all' }
    },
    { data_dir: dir }
  )
}

/** What there is, and what ada gets there. */
export const THERE: readonly (readonly [path: string, status: number])[] = [
  ['/private/file.txt', 200],
  ['/private/stored.txt', 200],
  ['/private/page', 200],
  ['/private/page.md', 200],
  ['/private/folder', 301],
  ['/private/folder/', 200],
  ['/private/large.bin', 200]
]
