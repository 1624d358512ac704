import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { awaitsTurn, onFirstRead, onTurn } from '@reliw/http'
import { guarded } from '@reliw/options'

/**
 * Makes a server send `100 Continue` when a body is first read, so that a client whose request is refused gets that
 * response instead (RFC 9110 10.1.1). Requests with other expectations are served as ordinary requests.
 */
export function acceptExpectations(server: Server): void {
  const begin = (raw: IncomingMessage, response: ServerResponse): void => {
    server.emit('request', raw, response)
  }
  const expect = (raw: IncomingMessage, response: ServerResponse): void => {
    continueWhenRead(raw, response)
    begin(raw, response)
  }
  server.on('checkContinue', guarded(expect, endConnection))
  server.on('checkExpectation', guarded(begin, endConnection))
}

function endConnection(_error: unknown, { socket }: IncomingMessage): void {
  socket.destroy()
}

/** The expectation of a request: `100-continue`, or another, which cannot be met. HTTP/1.0 has no expectations. */
export function expectationOf({
  headers,
  httpVersion
}: IncomingMessage): 'continue' | 'other' | undefined {
  if (headers.expect === undefined || httpVersion === '1.0') return undefined
  return headers.expect.trim().toLowerCase() === '100-continue' ? 'continue' : 'other'
}

function continueWhenRead(raw: IncomingMessage, response: ServerResponse): void {
  const sendContinue = guarded(
    () => {
      // A client that has sent part of the body does not wait.
      if (!response.headersSent && !raw.complete && raw.readableLength === 0)
        response.writeContinue()
    },
    () => raw.socket.destroy()
  )
  onFirstRead(raw, () => {
    // For a pipelined request, 100 Continue would otherwise end up in the middle of an earlier response.
    if (awaitsTurn(response)) onTurn(response, sendContinue)
    else sendContinue()
  })
}
