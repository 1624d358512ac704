/** `node http-proxy.ts PORT ORIGIN`: forwards everything with http-proxy over kept connections. */
import { Agent } from 'node:http'
import httpProxy from 'http-proxy'

const [port, origin] = process.argv.slice(2)
httpProxy
  .createProxyServer({
    target: `http://127.0.0.1:${origin}`,
    agent: new Agent({ keepAlive: true })
  })
  .listen(Number(port), '127.0.0.1')
