import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  awaitsTurn,
  currentResponse,
  dropRequests,
  holdRequests,
  onTurn,
  releaseRequests
} from '@reliw/http'
import { guarded } from '@reliw/options'
import { watchLeaving } from './half-closed.ts'
import type { OnCutOff } from './on-cut-off.ts'

/** Maximum number of waiting requests on a connection; from then on the connection is not read. */
const MAX_WAITING = 128
/** Maximum size of their heads, in characters. */
const MAX_HEADS = 256 * 1024
/** Maximum number of waiting requests on all connections; beyond it, a connection with more than a few is closed. */
const MAX_IN_ALL = 8192
const FEW = 8

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Number of waiting requests on all connections of the process. */
let waitingInAll = 0

const pipelines = new WeakMap<Socket, Pipeline>()

/**
 * Starts the requests of a connection one at a time, each when the responses before it are finished. Node starts all
 * pipelined requests at once: a client could multiply whatever each of them holds, such as an open file, and a response
 * whose turn never comes never emits `close`. A request that has not started holds nothing and is reported nowhere.
 *
 * With 128 waiting requests or 256 KiB of heads, the connection is not read until half of them have started; data
 * already read, 64 KiB at most, may contain more requests. While a connection is not read, its close cannot be seen, so
 * it is watched by {@link watchLeaving}. All connections together may have 8,192 waiting requests; beyond that, a
 * connection with eight or more is closed when it adds another.
 *
 * Replaces the server's `request` listeners. HTTP/2 requests never wait.
 *
 * @param onCut called for connections that are closed
 */
export function respondInTurn(server: Server, onCut?: OnCutOff): void {
  const listeners = server.listeners('request') as Listener[]
  server.removeAllListeners('request')
  const begin: Listener = (request, response) => {
    for (const listener of listeners) listener.call(server, request, response)
  }
  const take: Listener = (request, response) => {
    if (awaitsTurn(response)) pipelineOf(request.socket, onCut).add(request, response, begin)
    else begin(request, response)
  }
  server.on(
    'request',
    guarded(take, (_error, { socket }, response) => {
      // With HTTP/2, only the stream is destroyed.
      const { stream } = response as ServerResponse & { stream?: Duplex }
      ;(stream ?? socket).destroy()
    })
  )
}

function pipelineOf(socket: Socket, onCut: OnCutOff | undefined): Pipeline {
  let pipeline = pipelines.get(socket)
  if (pipeline === undefined) pipelines.set(socket, (pipeline = new Pipeline(socket, onCut)))
  return pipeline
}

/** The requests of a connection that wait for earlier responses. */
class Pipeline {
  readonly #socket: Socket
  #waiting = 0
  #heads = 0
  #isHeld = false
  readonly #onCut: OnCutOff | undefined
  #stopWatching: (() => void) | undefined

  constructor(socket: Socket, onCut: OnCutOff | undefined) {
    this.#socket = socket
    this.#onCut = onCut
    // Node resumes reading whenever it has sent something.
    socket.on('resume', this.#hold)
    socket.once('close', () => void (waitingInAll -= this.#waiting))
  }

  add(request: IncomingMessage, response: ServerResponse, begin: Listener): void {
    if (waitingInAll >= MAX_IN_ALL && this.#waiting >= FEW) return this.#cut()
    const size = sizeOf(request)
    waitingInAll++
    this.#waiting++
    this.#heads += size
    if (!this.#isHeld && (this.#waiting >= MAX_WAITING || this.#heads >= MAX_HEADS)) {
      this.#isHeld = true
      this.#stopWatching = watchLeaving(this.#socket, this.#onCut)
      process.nextTick(this.#hold)
    }
    const beginUnlessGone = this.#guard(() => {
      if (!response.closed) begin(request, response)
    })
    const take = this.#guard(() => {
      if (this.#socket.destroyed) return
      waitingInAll--
      this.#waiting--
      this.#heads -= size
      if (this.#waiting <= MAX_WAITING / 2 && this.#heads <= MAX_HEADS / 2) this.#release()
      // Node is about to flush the response: nothing may be written to it before that.
      process.nextTick(beginUnlessGone)
    })
    onTurn(response, take)
  }

  #guard(call: () => void): () => void {
    return guarded(call, () => this.#socket.destroy())
  }

  readonly #hold = this.#guard(() => {
    if (this.#isHeld) holdRequests(this.#socket)
  })

  #cut(): void {
    this.#onCut?.('pipeline', currentResponse(this.#socket))
    dropRequests(this.#socket)
    this.#socket.destroy()
  }

  #release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#stopWatching?.()
    releaseRequests(this.#socket)
  }
}

function sizeOf({ url = '', rawHeaders }: IncomingMessage): number {
  let size = url.length
  for (const text of rawHeaders) size += text.length
  return size
}
