/**
 * `node stream-origin.ts PORT LENGTH`: sends so many bytes of the pattern to who gets `/stream`, reads slowly what
 * is put there and answers with the number of bytes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { pattern } from '../scenarios/proxy/pattern.ts'
import { readPattern } from '../scenarios/proxy/read-pattern.ts'

const [port, length] = process.argv.slice(2)

createServer((request, response) => {
  if (request.url !== '/stream') response.end('ready')
  else if (request.method === 'PUT') void receive(request, response)
  else send(response)
}).listen(Number(port), '127.0.0.1')

function send(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': Number(length) })
  pipeline(Readable.from(pattern(Number(length))), response, () => {
    // One who went away notices that there was less than promised.
  })
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    response.end(String(await readPattern(request, 'slow')))
  } catch (error) {
    response.writeHead(500).end((error as Error).message)
  }
}
