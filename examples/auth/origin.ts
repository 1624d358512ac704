/** A small app that knows no passwords: `node origin.ts ADDRESS:PORT`. It says whom it was told about. */
import { createServer } from 'node:http'

const [place = '127.0.0.1:3001'] = process.argv.slice(2)
const { hostname, port } = new URL(`http://${place}`)

const server = createServer(({ headers }, response) => {
  const { 'remote-user': user = 'nobody', 'remote-groups': groups = 'none' } = headers
  response.end(`user ${String(user)}, groups ${String(groups)}\n`)
})
server.listen(Number(port), hostname)
