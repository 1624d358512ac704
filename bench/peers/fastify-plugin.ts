import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageVersion } from '../harness/package-version.ts'
import type { Peer } from '../harness/peer.ts'
import { reliwVersion } from './reliw.ts'

/** Fastify with one route for an HTML page, and one RELIW plugin or none; without a log. */
export function fastifyPlugin(name: string, body: Buffer, plugin?: string): Peer {
  const fastify = packageVersion('fastify')
  return {
    name,
    version: plugin === undefined ? fastify : `${reliwVersion()} on Fastify ${fastify}`,
    prepare({ dir, port, path }) {
      const page = join(dir, 'page.html')
      writeFileSync(page, body)
      const program = join(import.meta.dirname, '../programs/fastify-plugin.ts')
      const node = [process.execPath, '--conditions=@reliw/source']
      const what = [String(port), path, page, dir, ...(plugin === undefined ? [] : [plugin])]
      return { command: [...node, program, ...what] }
    }
  }
}
