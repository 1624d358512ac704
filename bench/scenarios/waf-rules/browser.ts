export const HOST = 'bench.example'
export const FILE = '/page.html'

/** What is always asked for. It has as many characters as what differs each time. */
export const SAME = targetOf('1700000000000000')
/** A request target with another number in each request of wrk: see harness/wrk.lua. */
export const DISTINCT = targetOf('{n}')

/** What a browser sends, as far as the rules look at it, and a little beside. */
export const BROWSER: Readonly<Record<string, string>> = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  referer: 'https://bench.example/shop/shoes?colour=green&size=42',
  cookie: 'visit=5f3c9a1e7b2d4086a1c4'
}

function targetOf(number: string): string {
  return `${FILE}?category=shoes&page=2&visit=${number}`
}
