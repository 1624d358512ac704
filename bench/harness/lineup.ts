import { freePort, tempDir } from '@reliw/testing'
import { isPeer, type LeftOut, type Peer } from './peer.ts'
import { startServer, type Server } from './server.ts'
import { verify, type HttpResponse, type Target } from './target.ts'

/** A server that was seen to answer right. */
export interface Contestant {
  server: Server
  target: Target
  /** Its response, before anything was measured. */
  response: HttpResponse
}

/** All servers of a scenario, running side by side. Only one of them is asked at a time. */
export class Lineup {
  readonly contestants: Contestant[] = []
  readonly leftOut: LeftOut[] = []
  readonly #asked: Omit<Target, 'port'>

  constructor(asked: Omit<Target, 'port'>) {
    this.#asked = asked
  }

  /** Starts a peer and checks one response. One that is not installed is noted as left out. */
  async add(peer: Peer | LeftOut): Promise<Contestant | undefined> {
    if (!isPeer(peer)) {
      this.leftOut.push(peer)
      return undefined
    }
    const { host, path } = this.#asked
    const server = await startServer(peer, { dir: tempDir(), port: await freePort(), host, path })
    const headers = await peer.enter?.(server.port)
    const target = { ...this.#asked, port: server.port, ...(headers && { headers }) }
    const contestant = { server, target, response: await verify(peer.name, target) }
    this.contestants.push(contestant)
    return contestant
  }

  async stop(): Promise<void> {
    await Promise.all(this.contestants.map(({ server }) => server.stop()))
  }
}
