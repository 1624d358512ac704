/**
 * A small app behind the proxy: `node origin.ts ADDRESS:PORT NAME`. It tells its name, counts to three in an
 * event stream (/events), and ends when it is asked to (/stop).
 */
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const [place = '127.0.0.1:3001', name = 'red'] = process.argv.slice(2)
const { hostname, port } = new URL(`http://${place}`)

const server = createServer(({ url, headers }, response) => {
  if (url === '/events') void count(response)
  else if (url === '/stop') response.end(`${name} stops\n`, () => process.exit())
  else response.end(`${name}, for ${String(headers['x-forwarded-for'])}\n`)
})
server.listen(Number(port), hostname)

async function count(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  for (const number of [1, 2, 3]) {
    response.write(`data: ${number}\n\n`)
    await delay(300)
  }
  response.end()
}
