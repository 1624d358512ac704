import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from 'reliw'
import type { Peer } from '../harness/peer.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * The real server: `reliw serve` from source, as `npm start` runs it, with its access log in a file.
 *
 * @param config where the sites are; paths are absolute
 */
export function reliw(name: string, config: Config): Peer {
  return {
    name,
    version: reliwVersion(),
    prepare({ dir, port }) {
      const file = join(dir, 'reliw.json')
      const whole = {
        ip: '127.0.0.1',
        port,
        log_file: join(dir, 'access.log'),
        ...config,
        // Servers run side by side, and the usual port is one.
        metrics: { port: 0, ...config.metrics }
      }
      writeFileSync(file, JSON.stringify(whole))
      const cli = join(ROOT, 'apps/reliw/src/cli.ts')
      const node = [process.execPath, '--conditions=@reliw/source']
      return { command: [...node, cli, 'serve', '--config', file] }
    }
  }
}

/** What was measured, as git names it. */
export function reliwVersion(): string {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty=, changed'], {
    cwd: ROOT,
    encoding: 'utf8'
  })
  return stdout?.trim() || 'unknown'
}
