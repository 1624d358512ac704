import type { BenchOptions } from '../harness/arguments.ts'
import { compare, MORE, STRAIN, WORK } from '../harness/columns.ts'
import { htmlPage } from '../harness/files.ts'
import { Lineup } from '../harness/lineup.ts'
import { microseconds } from '../harness/numbers.ts'
import { placement } from '../harness/pin.ts'
import type { Bar, Report } from '../harness/report.ts'
import { type Measurement, measure } from '../harness/rounds.ts'
import { versionsOnce } from '../harness/versions.ts'
import { fastifyPlugin } from '../peers/fastify-plugin.ts'

const SIZE = 1024
const CONNECTIONS = 32
const PLUGINS = ['limits', 'waf', 'auth', 'upstream-proxy', 'content-store', 'metrics']
/** What each may add to a route that it has nothing to say about, in microseconds. */
const MOST = 1.5

const NOTES = [
  placement,
  'Fastify with one route, no log, the tick object held; with one plugin each, by its defaults. waf: three rules, none of which matches. auth: no rule for the route. upstream-proxy: an upstream for another host. content-store: the route beside its catch-all. metrics: its own hook, no store.',
  '“more” is the least CPU time beyond that of Fastify alone.'
]

/** What each plugin alone costs a route that is none of its business. */
export async function plugins({ rounds, seconds }: BenchOptions): Promise<Report> {
  const body = htmlPage(SIZE)
  const lineup = new Lineup({ host: 'bench.example', path: '/page.html', body })
  try {
    await lineup.add(fastifyPlugin('Fastify alone', Buffer.from(body)))
    for (const plugin of PLUGINS)
      await lineup.add(fastifyPlugin(`@reliw/${plugin}`, Buffer.from(body), plugin))
    const results = await measure(lineup, { seconds, connections: CONNECTIONS }, rounds)
    return {
      name: 'plugins',
      what: `One Fastify route of ${SIZE} bytes with each plugin alone, ${CONNECTIONS} keep-alive connections; medians, and the least, of ${rounds} rounds of ${seconds} s.`,
      tables: [compare('One plugin each', results, [...WORK, MORE, ...STRAIN])],
      bars: barsOf(results),
      leftOut: lineup.leftOut,
      notes: NOTES,
      versions: versionsOnce(results),
      data: results
    }
  } finally {
    await lineup.stop()
  }
}

function barsOf([alone, ...others]: readonly Measurement[]): Bar[] {
  return others.map(({ name, leastCpu }) => {
    const more = leastCpu - (alone?.leastCpu ?? Number.NaN)
    const claim = `${name} adds at most ${MOST} µs`
    return { claim, found: `${microseconds(more)} µs`, isMet: more <= MOST }
  })
}
