import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { awaitsTurn, onFirstRead, onTurn } from '@reliw/http'
import { guarded } from '@reliw/options'

/**
 * Has a server's clients that wait for `100 Continue` get it when their body is first read: whoever is refused
 * before hears of that instead (RFC 9110 10.1.1). What else is expected comes as an ordinary request.
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

/** What a request expects: `100-continue`, or what nobody here can meet. HTTP/1.0 cannot expect anything. */
export function expectationOf({
  headers,
  httpVersion
}: IncomingMessage): 'continue' | 'other' | undefined {
  if (headers.expect === undefined || httpVersion === '1.0') return undefined
  return headers.expect.trim().toLowerCase() === '100-continue' ? 'continue' : 'other'
}

function continueWhenRead(raw: IncomingMessage, response: ServerResponse): void {
  const tell = guarded(
    () => {
      // Who has sent some of it does not wait.
      if (!response.headersSent && !raw.complete && raw.readableLength === 0)
        response.writeContinue()
    },
    () => raw.socket.destroy()
  )
  onFirstRead(raw, () => {
    // Behind others of its connection it would come into the middle of an answer.
    if (awaitsTurn(response)) onTurn(response, tell)
    else tell()
  })
}
