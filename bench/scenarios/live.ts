import { placement } from '../harness/pin.ts'
import { NO_REDIS, tryRedis } from '../harness/redis.ts'
import type { Bar, Report } from '../harness/report.ts'
import { progress } from '../harness/rounds.ts'
import { quantile } from '../harness/statistics.ts'
import type { Table } from '../harness/table.ts'
import { versions } from '../harness/versions.ts'
import { embedded, onRedis, type Setting } from './live/cases.ts'
import { type Changes, measureChanges } from './live/measure-changes.ts'

const CHANGES = 1000
/** What 99 of 100 changes may take to show, in milliseconds. */
const BAR = 20

const NOTES = [
  placement,
  'Each change is made by a process of its own once the one before has shown; meanwhile another asks without pause over one connection, so that a time includes up to two round trips.',
  'Acknowledged: from the acknowledgement of the write to the first response that shows it, 0 when the response came earlier. Sent: from the moment before the write.'
]

/** How long a change takes to show. */
export async function live(): Promise<Report> {
  const settings: Setting[] = []
  const results: Changes[] = []
  try {
    const redis = await tryRedis()
    if (redis !== undefined) settings.push(await onRedis(redis))
    settings.push(await embedded())
    for (const one of settings.flatMap(({ cases }) => cases)) {
      progress(one.name)
      results.push(await measureChanges(one, CHANGES))
    }
    return {
      name: 'live',
      what: `How long a change takes to show, in ms; ${CHANGES.toLocaleString('en-US')} changes each.`,
      tables: [tableOf(results)],
      bars: results.map(barOf),
      leftOut: redis === undefined ? [{ name: 'Redis', reason: NO_REDIS }] : [],
      notes: NOTES,
      versions: versions(settings.map(({ server }) => server)),
      data: results
    }
  } finally {
    await Promise.all(settings.map(({ server }) => server.stop()))
  }
}

function tableOf(results: readonly Changes[]): Table {
  return {
    head: ['change', 'acknowledged p50', 'p99', 'max', 'sent p50', 'p99', 'max'],
    rows: results.map(({ name, sinceAcknowledged, sinceSent }) => [
      name,
      ...summary(sinceAcknowledged),
      ...summary(sinceSent)
    ])
  }
}

function summary(times: readonly number[]): string[] {
  return [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(2))
}

function barOf({ name, sinceAcknowledged, unseen, wentBack, wrong, responses }: Changes): Bar {
  const p99 = quantile(sinceAcknowledged, 0.99)
  const faults = [
    ...(unseen > 0 ? [`${unseen} changes never seen`] : []),
    ...(wentBack > 0 ? [`${wentBack} responses older than the one before`] : []),
    ...Object.entries(wrong).map(([what, times]) => `${times} × ${what}`)
  ]
  const verdict = faults.length === 0 ? 'all right' : faults.join(', ')
  return {
    claim: `${name}: p99 < ${BAR} ms, and every response is the old state or the new one`,
    found: `${p99.toFixed(2)} ms; ${responses.toLocaleString('en-US')} responses, ${verdict}`,
    isMet: p99 < BAR && faults.length === 0
  }
}
