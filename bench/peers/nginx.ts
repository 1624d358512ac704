import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LeftOut, Peer } from '../harness/peer.ts'
import { findProgram, versionOf } from '../harness/program.ts'

/** Lines of configuration. */
export interface NginxConfiguration {
  http?: string
  server: string
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** nginx with one worker that serves a folder by sendfile, with its access log in a file. */
export function nginx(root: string): Peer | LeftOut {
  return nginxWith({ server: `root ${root};` })
}

/** nginx with one worker that forwards to an origin, with its access log in a file. */
export function nginxProxy(origin: number): Peer | LeftOut {
  return nginxWith({
    http: `upstream origin { server 127.0.0.1:${origin}; keepalive 64; }`,
    server: `location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }`
  })
}

/** nginx with one worker that does what it is told; relative paths are in its own folder. */
export function nginxWith(configured: NginxConfiguration): Peer | LeftOut {
  const program = findProgram('nginx')
  if (program === undefined) return { name: 'nginx', reason: 'nginx is not on the PATH' }
  return {
    name: 'nginx',
    version: versionOf(program, ['-v']),
    prepare({ dir, port }) {
      const file = join(dir, 'nginx.conf')
      writeFileSync(file, configuration(configured, port))
      return { command: [program, '-p', dir, '-c', file, '-e', join(dir, 'error.log')] }
    }
  }
}

function configuration({ http = '', server }: NginxConfiguration, port: number): string {
  // Folders are readable for us only; without this, root's workers run as somebody else.
  const user = process.getuid?.() === 0 ? 'user root root;' : ''
  return `${user}
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
  types { text/html html; }
  default_type application/octet-stream;
  access_log access.log;
  sendfile on;
  tcp_nopush on;
  ${TEMPORARY.map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  ${http}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
}
