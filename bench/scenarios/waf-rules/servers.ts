import { join } from 'node:path'
import { ANY_HOST } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import { place } from '../../harness/files.ts'
import { isPeer, type LeftOut, type Peer } from '../../harness/peer.ts'
import { writeSites } from '../../harness/sites.ts'
import { nginxWith } from '../../peers/nginx.ts'
import { reliw } from '../../peers/reliw.ts'
import { BROWSER, FILE, HOST } from './browser.ts'
import { nginxRules } from './nginx-rules.ts'
import { prove } from './prove.ts'
import { byPlace, type Rule, rulesOf } from './rules.ts'

/** With no rules, what others have rules against is asked, and has to be answered. */
const SOME = 50

/** `reliw serve` with a site of one page, and so many rules for all hosts. */
export async function reliwWith(name: string, body: Buffer, count: number): Promise<Peer> {
  const store = { dir: join(tempDir(), 'store') }
  const site = {
    host: HOST,
    routes: [['^/', 'page']] as const,
    entries: { page: { methods: { GET: true } } },
    files: { [FILE]: body }
  }
  await writeSites(store, [site])
  await writeRules(store, rulesOf(count))
  return proven(reliw(name, { store, data_dir: tempDir() }), count)
}

/** nginx with the same page and the same rules, as regular expressions. */
export function nginxWithRules(name: string, body: Buffer, count: number): Peer | LeftOut {
  const root = tempDir()
  place(root, FILE, body)
  const { http, server } = nginxRules(rulesOf(count))
  const peer = nginxWith({ http, server: `root ${root}; ${server}` })
  return isPeer(peer) ? proven({ ...peer, name }, count) : { ...peer, name }
}

/** Nobody is measured who was not seen to refuse, or who refuses for other reasons. */
function proven(peer: Peer, count: number): Peer {
  const rules = rulesOf(count === 0 ? SOME : count)
  return {
    ...peer,
    async enter(port) {
      await prove(port, rules, count > 0)
      return BROWSER
    }
  }
}

async function writeRules(options: StoreOptions, rules: readonly Rule[]): Promise<void> {
  if (rules.length === 0) return
  const store = await openStore(options)
  const { query = [], ...headers } = Object.fromEntries(
    [...byPlace(rules)].map(([where, all]) => [where, all.map(({ pattern }) => pattern)])
  )
  try {
    const fields = { [ANY_HOST]: JSON.stringify({ query, headers }) }
    await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  } finally {
    await store.close()
  }
}
