import { htmlPage, noise } from '../../harness/files.ts'
import type { Target } from '../../harness/target.ts'

/** What is asked of the origin through every proxy. */
export interface Load {
  title: string
  asked: Omit<Target, 'port' | 'host'>
}

const UPLOAD = 100_000

/** Where the origin takes uploads. */
export const UPLOAD_PATH = '/upload'

export const LOADS: readonly Load[] = [
  { title: 'GET, 1 KB', asked: { path: '/page.html', body: htmlPage(1024) } },
  { title: 'GET, 1 MB', asked: { path: '/large.bin', body: noise(1_000_000) } },
  {
    title: 'POST, 100 KB',
    asked: {
      path: UPLOAD_PATH,
      upload: UPLOAD,
      body: Buffer.from(`Received ${UPLOAD} bytes.\n`)
    }
  }
]
