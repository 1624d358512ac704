import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageVersion } from '../harness/package-version.ts'
import type { Peer } from '../harness/peer.ts'

/** Fastify with one route for an HTML page, and @prometheus-io/client that holds RELIW's series of so many hosts. */
export function prometheusClient(name: string, body: Buffer, hosts: number): Peer {
  return {
    name,
    version: `${packageVersion(name)} on Fastify ${packageVersion('fastify')}`,
    prepare({ dir, port, path }) {
      const page = join(dir, 'page.html')
      writeFileSync(page, body)
      const program = join(import.meta.dirname, '../programs/prometheus-client.ts')
      const node = [process.execPath, '--conditions=@reliw/source']
      return { command: [...node, program, String(port), path, page, String(hosts)] }
    }
  }
}
