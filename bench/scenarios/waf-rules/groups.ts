import type { Group } from '../../harness/groups.ts'
import type { Peer } from '../../harness/peer.ts'
import { DISTINCT, SAME } from './browser.ts'
import { nginxWithRules, reliwWith } from './servers.ts'

/** Servers that are asked alike. */
export interface AskedGroup extends Group {
  /** What they are asked for. */
  path: string
}

/** All that is measured; none of the rules finds anything. */
export async function groupsOf(body: Buffer): Promise<AskedGroup[]> {
  const reliws = (suffix: string): Promise<Peer[]> =>
    Promise.all([
      reliwWith(`no rules${suffix}`, body, 0),
      reliwWith(`50 rules${suffix}`, body, 50),
      reliwWith(`500 rules${suffix}`, body, 500)
    ])
  const nginxes = [nginxWithRules('nginx', body, 0), nginxWithRules('nginx, 50 rules', body, 50)]
  return [
    { title: 'The same request again and again', path: SAME, peers: await reliws('') },
    {
      title: 'For information: every request distinct',
      path: DISTINCT,
      peers: await reliws(', distinct')
    },
    { title: 'For information: nginx, the same request', path: SAME, peers: nginxes }
  ]
}
