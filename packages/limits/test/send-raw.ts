import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'

/** What came back: the status, and the whole response as text. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** Sends bytes (latin1) to a listening app as they are; the request must ask to close. */
export async function sendRaw(app: FastifyInstance, bytes: string): Promise<RawAnswer> {
  const address = app.server.address()
  const socket = typeof address === 'string' ? connect(address) : connect(portOf(address))
  await once(socket, 'connect')
  socket.write(bytes, 'latin1')
  const response = await text(socket)
  return { status: Number(response.slice(9, 12)), text: response }
}

/** Sends a GET of exactly this request target. */
export async function getRaw(app: FastifyInstance, target: string): Promise<RawAnswer> {
  return sendRaw(app, `GET ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`)
}

function portOf(address: AddressInfo | null): number {
  if (address === null) throw new Error('the app does not listen')
  return address.port
}
