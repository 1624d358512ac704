import type { BenchOptions } from '../harness/arguments.ts'
import { BUSY } from '../harness/bars.ts'
import { htmlPage } from '../harness/files.ts'
import { tablesOf } from '../harness/groups.ts'
import { Lineup } from '../harness/lineup.ts'
import { placement } from '../harness/pin.ts'
import type { Report } from '../harness/report.ts'
import { measure } from '../harness/rounds.ts'
import { versionsOnce } from '../harness/versions.ts'
import { barsOf } from './waf-rules/bars.ts'
import { HOST, SAME } from './waf-rules/browser.ts'
import { type AskedGroup, groupsOf } from './waf-rules/groups.ts'
import { tableOf } from './waf-rules/tables.ts'

const SIZE = 1024
const CONNECTIONS = 32

const NOTES = [
  placement,
  'reliw serve on the embedded store with everything on, the access log to a file, the page warm. The rules are for all hosts: Lua patterns, two of three for path and query, the others for User-Agent, Referer and Cookie, all of which wrk sends, as a browser would. No rule finds anything.',
  'The bars are about the same request again and again: RELIW remembers values in which its rules found nothing, so that after the first request the patterns are not tried. What trying them costs is in the table of distinct requests, in which the headers still are the same.',
  'distinct: a number in the query string differs in each request; wrk writes each of them, and is slower. Its ratios are to no rules, distinct. There is no escape in the target; with one, RELIW looks at it raw and decoded.',
  'nginx: the same 50 patterns as regular expressions in maps, at the request as it came only. It remembers nothing: compare it with distinct.',
  'Before the rounds each server with rules was verified to respond with 403 to a match of each rule, and those without rules with 200 to the same requests.',
  `CPU is user and system time of the whole server; “more” is what it takes beyond the first line. “core” is how much of its core a server used. Below ${BUSY} % it waited for wrk: its req/s are not its own, its CPU time is.`
]

/** What rules cost the requests in which they find nothing. */
export async function wafRules({ rounds, seconds }: BenchOptions): Promise<Report> {
  const body = htmlPage(SIZE)
  const lineup = new Lineup({ host: HOST, path: SAME, body })
  try {
    const groups = await groupsOf(body)
    for (const group of groups) await addAll(lineup, group)
    const found = await measure(lineup, { seconds, connections: CONNECTIONS }, rounds)
    return {
      name: 'waf-rules',
      what: `A warm HTML page of ${SIZE} bytes behind WAF rules none of which matches, ${CONNECTIONS} keep-alive connections; medians of ${rounds} rounds of ${seconds} s.`,
      tables: tablesOf(groups, found, tableOf),
      bars: barsOf(found),
      leftOut: lineup.leftOut,
      notes: NOTES,
      versions: versionsOnce(found),
      data: found
    }
  } finally {
    await lineup.stop()
  }
}

async function addAll(lineup: Lineup, { peers, path }: AskedGroup): Promise<void> {
  for (const peer of peers) {
    const contestant = await lineup.add(peer)
    if (contestant !== undefined) contestant.target = { ...contestant.target, path }
  }
}
