import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LeftOut, Peer } from '../harness/peer.ts'
import { findProgram, versionOf } from '../harness/program.ts'

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** nginx with one worker that serves a folder by sendfile, with its access log in a file. */
export function nginx(root: string): Peer | LeftOut {
  const program = findProgram('nginx')
  if (program === undefined) return { name: 'nginx', reason: 'nginx is not on the PATH' }
  return {
    name: 'nginx',
    version: versionOf(program, ['-v']),
    prepare({ dir, port }) {
      const file = join(dir, 'nginx.conf')
      writeFileSync(file, configuration(root, port))
      return { command: [program, '-p', dir, '-c', file, '-e', join(dir, 'error.log')] }
    }
  }
}

function configuration(root: string, port: number): string {
  // The folder is readable for us only; without this, root's workers run as somebody else.
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
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`
}
