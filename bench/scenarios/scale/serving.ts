import type { StoreOptions } from '@reliw/store'
import { freePort, tempDir } from '@reliw/testing'
import { startServer, type Server } from '../../harness/server.ts'
import { reliw } from '../../peers/reliw.ts'
import { hostOf, PATH } from './many-sites.ts'

/** Starts a server on a store and resolves when it has answered for the first site. */
export async function serving({ redis, ...store }: StoreOptions): Promise<Server> {
  const sites = redis === undefined ? { store } : { redis }
  const place = { dir: tempDir(), port: await freePort(), host: hostOf(0), path: PATH }
  return startServer(reliw('reliw', { data_dir: tempDir(), ...sites }), place)
}
