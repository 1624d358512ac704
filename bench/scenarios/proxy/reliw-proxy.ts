import { join } from 'node:path'
import type { UpstreamInput } from '@reliw/model'
import { tempDir } from '@reliw/testing'
import type { Config } from 'reliw'
import type { Peer } from '../../harness/peer.ts'
import { writeSites } from '../../harness/sites.ts'
import { reliw } from '../../peers/reliw.ts'

/** `reliw serve` with one site that is forwarded to an origin as a whole. */
export async function reliwProxy(
  host: string,
  origin: number,
  { upstream = {}, config = {} }: { upstream?: UpstreamInput; config?: Config } = {}
): Promise<Peer> {
  const store = { dir: join(tempDir(), 'store') }
  await writeSites(store, [{ host, proxy: { target: '127.0.0.1', port: origin, ...upstream } }])
  return reliw('reliw', { store, data_dir: tempDir(), ...config })
}
