import { once } from 'node:events'
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream
} from 'node:http2'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { createAuthority, portOf, type TestContext, waitFor } from '@reliw/testing'
import { Http2Session } from '../../src/http2/http2-session.ts'
import { ACK, type Frame, frame, readFrames, SETTINGS } from './frames.ts'

const authority = await createAuthority()
const certificate = await authority.issue(['origin.test'])

/** An origin, and the one connection to it. */
export interface Origin {
  session: Http2Session
  /** Our end of the connection. */
  socket: TLSSocket
  /** The origin's end of it. */
  remote: TLSSocket
}

export interface NodeOrigin extends Origin {
  /** What the origin sees of the session. */
  peer: ServerHttp2Session
}

/** An origin that says only what a test writes. */
export interface RawOrigin extends Origin {
  /** What it received. */
  received: readonly Frame[]
  /** Resolves when the request on this stream has arrived. */
  requested: (stream: number) => Promise<unknown>
}

type StreamArguments = [ServerHttp2Stream, IncomingHttpHeaders, number, string[]]

/** Answers a request. */
export type Answer = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[]
) => void

/** Starts an origin on node's own server, and a session to it. */
export async function startOrigin(
  t: TestContext,
  answer: Answer,
  options: SecureServerOptions = {}
): Promise<NodeOrigin> {
  const server = createSecureServer({ ...certificate, ...options })
  const onStream = (...[stream, headers, _flags, raw]: StreamArguments): void => {
    stream.on('error', () => undefined)
    answer(stream, headers, raw)
  }
  server.on('stream', onStream)
  server.on('sessionError', () => undefined)
  const remote = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve))
  const peer = new Promise<ServerHttp2Session>((resolve) => server.once('session', resolve))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = await connectTo(t, portOf(server))
  return { socket, session: new Http2Session(socket), remote: await remote, peer: await peer }
}

/** Starts an origin that sends its settings, acknowledges ours, and says no more by itself. */
export async function startRawOrigin(
  t: TestContext,
  greeting: Buffer = Buffer.concat([frame(SETTINGS, 0, 0), frame(SETTINGS, ACK, 0)])
): Promise<RawOrigin> {
  const server = createServer({ ...certificate, ALPNProtocols: ['h2'] })
  const remote = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = await connectTo(t, portOf(server))
  const peer = await remote
  peer.on('error', () => undefined)
  t.teardown(() => peer.destroy())
  const received = readFrames(peer)
  const requested = (stream: number): Promise<unknown> =>
    waitFor(() => received.some((one) => one.stream === stream), `stream ${stream}`)
  const session = new Http2Session(socket)
  peer.write(greeting)
  return { socket, session, remote: peer, received, requested }
}

async function connectTo(t: TestContext, port: number): Promise<TLSSocket> {
  const { cert: ca } = authority
  const options = { host: '127.0.0.1', port, ca, servername: 'origin.test', ALPNProtocols: ['h2'] }
  const socket = connect(options)
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}
