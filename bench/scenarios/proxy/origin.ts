import { freePort, tempDir } from '@reliw/testing'
import { place } from '../../harness/files.ts'
import { isPeer } from '../../harness/peer.ts'
import { type Server, startServer } from '../../harness/server.ts'
import { verify } from '../../harness/target.ts'
import { nginxWith } from '../../peers/nginx.ts'
import { LOADS, UPLOAD_PATH } from './loads.ts'

/**
 * What every proxy forwards to: nginx with one worker, on our core. Files come from the page cache. An upload
 * is read to its end, and only then asks the server itself, over a Unix socket, for the short response.
 *
 * @throws Error when nginx is not installed, or answers wrong
 */
export async function startOrigin(host: string): Promise<Server> {
  const root = tempDir()
  const asked = LOADS.map((load) => load.asked)
  for (const { path, upload, body } of asked) if (upload === undefined) place(root, path, body)
  const origin = nginxWith({ http: SINK, server: serving(root) })
  if (!isPeer(origin)) throw new Error(`There is no origin to forward to: ${origin.reason}.`)
  const where = { dir: tempDir(), port: await freePort(), host, path: '/' }
  const server = await startServer({ ...origin, name: 'origin' }, where, [])
  for (const one of asked) await verify('origin', { ...one, port: server.port, host })
  return server
}

const SINK = `upstream sink { server unix:sink.sock; keepalive 64; }
  server {
    listen unix:sink.sock;
    access_log off;
    return 200 "Received $http_x_received bytes.\\n";
  }`

function serving(root: string): string {
  return `access_log off;
    root ${root};
    location = ${UPLOAD_PATH} {
      client_body_buffer_size 256k;
      proxy_pass http://sink;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Received $content_length;
      proxy_set_header Content-Length "";
      proxy_pass_request_body off;
    }`
}
