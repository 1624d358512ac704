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

/** How many requests of a connection may wait for their turn before no more is read of it. */
const MAX_WAITING = 128
/** How many characters their heads may have. */
const MAX_HEADS = 256 * 1024
/** How many requests of all connections may wait; past that a connection with more than a few is closed. */
const MAX_IN_ALL = 8192
const FEW = 8

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Of all connections of the process. */
let waitingInAll = 0

const pipelines = new WeakMap<Socket, Pipeline>()

/**
 * Has the requests of a connection begin one after the other, each when the answers before it are out. Node
 * begins them all at once, so that what each of them holds, such as a file, is multiplied by the client; and a
 * response that never has its turn never emits `close`. One that has not begun holds nothing and is told of
 * nowhere.
 *
 * Past 128 waiting requests, or 256 KiB of their heads, no more is read until half of them have begun; what
 * was read by then, 64 KiB at most, may hold more of them. While nothing is read of a connection, nobody sees its
 * client leave, so it is looked for as {@link watchLeaving} does. All connections together may have 8,192 waiting
 * requests; past that a connection with more than eight is closed.
 *
 * Takes the place of the listeners for `request` that the server has. HTTP/2 has nothing that waits.
 *
 * @param onCut told of connections that are closed
 */
export function answerInTurn(server: Server, onCut?: OnCutOff): void {
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
      // Of HTTP/2 a stream alone.
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

/** The requests of a connection that wait for the answers to earlier ones. */
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
    // Node reads on whenever it has sent something.
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
      // Node is about to flush the response: nothing may write to it before that.
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
