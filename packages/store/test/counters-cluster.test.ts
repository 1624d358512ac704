import { startCluster, waitFor } from '@reliw/testing'
import t from 'tap'
import { openFor } from './contract.ts'

const HOSTS = 60

t.test(
  'counts that one node of a cluster refuses are written again; the others count once',
  async (t) => {
    const { nodes, startupNodes: cluster } = await startCluster(t)
    const store = await openFor(t, { redis: { cluster }, flush_interval: '1h' })
    const { counters, driver } = store
    const keys = Array.from({ length: HOSTS }, (_, n) =>
      store.keys.metrics(`${n}.example`, 'total')
    )
    for (const key of keys) counters.add(key, '200', 7)
    const [lost, ...others] = nodes
    await lost?.kill9()
    await counters.flush()
    const sizes = await Promise.all(
      others.map(async (node) => Number(await node.command('DBSIZE')))
    )
    const taken = sizes.reduce((sum, size) => sum + size, 0)
    t.ok(taken > 0 && taken < HOSTS, `${taken} of ${HOSTS} are counted`)

    await lost?.restart()
    const counted = async (): Promise<string[]> => {
      const values = await Promise.all(keys.map((key) => driver.hashField(key, '200')))
      return values.map(String)
    }
    await waitFor(
      async () => {
        await counters.flush()
        return !(await counted()).includes('undefined')
      },
      'the node',
      20_000
    )
    t.same(new Set(await counted()), new Set(['7']))
    t.equal(counters.dropped, 0)
  }
)
