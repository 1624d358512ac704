import { join } from 'node:path'
import { freePort, tempDir, waitFor } from '@reliw/testing'
import type { Peer } from '../../harness/peer.ts'
import { startServer, type Server } from '../../harness/server.ts'
import { writeSites } from '../../harness/sites.ts'
import { ask, oneConnection, type Target, verify } from '../../harness/target.ts'
import { prometheusClient } from '../../peers/prometheus-client.ts'
import { reliw } from '../../peers/reliw.ts'
import { hostOf, manySites, pageOf, PATH } from '../scale/many-sites.ts'

/** A server that has something to tell of many hosts. */
export interface ScrapedServer {
  server: Server
  page: Target
  metrics: Omit<Target, 'body'>
}

/** How long it may take until all hosts are shown, in milliseconds. */
const PATIENCE = 20_000

/** `reliw serve` with so many sites, each of which was asked for. */
export async function startReliw(hosts: number): Promise<ScrapedServer> {
  const store = { dir: join(tempDir(), 'store') }
  await writeSites(store, manySites(hosts))
  const port = await freePort()
  const peer = reliw('reliw', { store, data_dir: tempDir(), metrics: { port } })
  const server = await start(peer)
  const agent = oneConnection()
  for (let index = 0; index < hosts; index++) {
    await ask({ port: server.port, host: hostOf(index), path: PATH }, agent)
  }
  agent.destroy()
  const metrics = { port, host: 'localhost', path: '/metrics' }
  await waitFor(async () => (await fleetOf(metrics)) >= hosts, 'all hosts to be shown', PATIENCE)
  return scraped(server, metrics)
}

/** A program that has the same to tell by @prometheus-io/client. */
export async function startPrometheusClient(hosts: number): Promise<ScrapedServer> {
  const server = await start(prometheusClient('@prometheus-io/client', pageOf(0), hosts))
  return scraped(server, { port: server.port, host: 'localhost', path: '/metrics' })
}

async function start(peer: Peer): Promise<Server> {
  return startServer(peer, { dir: tempDir(), port: await freePort(), host: hostOf(0), path: PATH })
}

async function scraped(server: Server, metrics: Omit<Target, 'body'>): Promise<ScrapedServer> {
  const page = { port: server.port, host: hostOf(0), path: PATH, body: pageOf(0) }
  await verify(server.name, page)
  return { server, page, metrics }
}

/** Hosts of which there is something in what all servers counted together: the last to be shown. */
async function fleetOf(metrics: Omit<Target, 'body'>): Promise<number> {
  const { body } = await ask(metrics)
  return body.toString().split('\nhttp_requests_total{').length - 1
}
