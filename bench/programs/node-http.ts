/** `node node-http.ts PORT FILE buffer|text`: answers every request with the headers and body in the file. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port, file = '', form] = process.argv.slice(2)
const { headers, body } = JSON.parse(readFileSync(file, 'utf8')) as {
  headers: string[]
  body: string
}

const bytes = Buffer.from(body, 'latin1')

// A body of text leaves in one write with the head: the fastest that node:http has.
createServer((_request, response) => {
  response.writeHead(200, headers)
  if (form === 'text') response.end(body, 'latin1')
  else response.end(bytes)
}).listen(Number(port), '127.0.0.1')
