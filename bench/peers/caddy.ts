import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LeftOut, Peer } from '../harness/peer.ts'
import { findProgram, versionOf } from '../harness/program.ts'

/** Caddy's file_server, with its access log in a file and without compression. */
export function caddy(root: string): Peer | LeftOut {
  return caddyWith(`root * ${root}\n\tfile_server`)
}

/** Caddy's reverse_proxy, with its access log in a file and without compression. */
export function caddyProxy(origin: number): Peer | LeftOut {
  return caddyWith(`reverse_proxy 127.0.0.1:${origin}`)
}

function caddyWith(directives: string): Peer | LeftOut {
  const program = findProgram('caddy')
  if (program === undefined) return { name: 'Caddy', reason: 'caddy is not on the PATH' }
  return {
    name: 'Caddy',
    version: versionOf(program, ['version']),
    prepare({ dir, port }) {
      const file = join(dir, 'Caddyfile')
      writeFileSync(file, caddyfile(directives, port, join(dir, 'access.log')))
      return {
        command: [program, 'run', '--adapter', 'caddyfile', '--config', file],
        env: { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }
      }
    }
  }
}

function caddyfile(directives: string, port: number, log: string): string {
  return `{
	admin off
	auto_https off
}

http://:${port} {
	bind 127.0.0.1
	${directives}
	log {
		output file ${log}
	}
}
`
}
