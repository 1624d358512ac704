import { htmlPage } from '../../harness/files.ts'
import type { Site } from '../../harness/sites.ts'

const SIZE = 1024

/** What every site is asked for. */
export const PATH = '/'

/** The host of a site, counted from 0. */
export function hostOf(index: number): string {
  return `site-${String(index).padStart(5, '0')}.example`
}

/** What a site answers with: no other has the same. */
export function pageOf(index: number): Buffer {
  return htmlPage(SIZE, `This is ${hostOf(index)}.`)
}

/** Sites made one at a time: routes, two entries, one page. */
export function* manySites(count: number): Iterable<Site> {
  for (let index = 0; index < count; index++) {
    yield {
      host: hostOf(index),
      routes: [
        ['^/assets/', 'asset'],
        ['^/', 'page']
      ],
      entries: {
        asset: { methods: { GET: true }, cache_control: 'max-age=3600' },
        page: { methods: { GET: true }, index: 'index.html', title: hostOf(index) }
      },
      files: { '/index.html': pageOf(index) }
    }
  }
}
