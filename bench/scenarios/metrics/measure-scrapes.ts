import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { progress } from '../../harness/rounds.ts'
import { ask, oneConnection, send, type Target } from '../../harness/target.ts'
import { type ScrapedServer, startPrometheusClient, startReliw } from './scraped-servers.ts'

/** What scrapes take, and what they do to others. Times in milliseconds. */
export interface Scrapes {
  name: string
  version: string
  /** Lines with a value. */
  series: number
  /** Of one scrape. */
  bytes: number
  /** What each scrape took, with nobody else there. */
  times: number[]
  /** What each response of a page took that was asked for without pause, with nobody else there. */
  quiet: number[]
  /** The same while one scrape followed another. */
  meanwhile: number[]
}

const SCRAPES = 20
/** How long the page is asked for by itself, in milliseconds. */
const QUIET = 2000

/** Measures servers that have to tell of so many hosts, one after another. */
export async function measureScrapes(hosts: number): Promise<Scrapes[]> {
  const results: Scrapes[] = []
  for (const start of [startReliw, startPrometheusClient]) {
    const started = await start(hosts)
    progress(`${started.server.name}: scrapes`)
    try {
      results.push(await measureServer(started))
    } finally {
      await started.server.stop()
    }
  }
  return results
}

async function measureServer({ server, page, metrics }: ScrapedServer): Promise<Scrapes> {
  const { body } = await ask(metrics)
  // The first round is for the compiler.
  await askDuring(page, scrapeOften(metrics))
  return {
    name: server.name,
    version: server.version,
    series: body.toString().match(/^[^#\n].*$/gm)?.length ?? 0,
    bytes: body.length,
    times: await scrapeOften(metrics),
    quiet: await askDuring(page, delay(QUIET)),
    meanwhile: await askDuring(page, scrapeOften(metrics))
  }
}

async function scrapeOften(metrics: Omit<Target, 'body'>): Promise<number[]> {
  const agent = oneConnection()
  const times: number[] = []
  while (times.length < SCRAPES) times.push(await timeOf(metrics, agent))
  agent.destroy()
  return times
}

/** Asks for a page over one connection, each time as soon as the response is there, until something else is over. */
async function askDuring(page: Target, other: Promise<unknown>): Promise<number[]> {
  const agent = oneConnection()
  const times: number[] = []
  const over = new AbortController()
  const end = other.finally(() => over.abort())
  const pages = async (): Promise<void> => {
    while (!over.signal.aborted) times.push(await timeOf(page, agent))
  }
  await Promise.all([end, pages()])
  agent.destroy()
  return times
}

/** Nothing of the response is kept: the page would be late because of what we do with a scrape. */
async function timeOf(
  target: Omit<Target, 'body'>,
  agent: ReturnType<typeof oneConnection>
): Promise<number> {
  const started = performance.now()
  const response = await send(target, agent)
  if (response.statusCode !== 200) throw new Error(`${target.path}: ${response.statusCode}`)
  response.resume()
  await finished(response)
  return performance.now() - started
}
