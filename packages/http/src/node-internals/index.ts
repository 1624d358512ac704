/** All undocumented features of Node and Fastify that the packages use, each with a test that fails when it changes. */

export { afterResponses, currentResponse } from './current-response.ts'
export { endSoon, endSoonAfterLast } from './end-soon.ts'
export { dropRequests, holdRequests, readsRequests, releaseRequests } from './http-connection.ts'
export {
  awaitsTurn,
  closeAfter,
  isChunked,
  isLast,
  lastResponseOn,
  onTurn,
  serveResponses
} from './http-response.ts'
export {
  allowHalfOpen,
  closeListener,
  type Connections,
  connectionsOf,
  decideUpgrades,
  isOfUnixSocket,
  type Listening
} from './http-server.ts'
export { headerNames, writeInterimHead, writeListedHead } from './raw-head.ts'
export { divert, hasEnd, onFirstRead, takeBack } from './reading.ts'
export { type HeaderValues, replyHeaders } from './reply-headers.ts'
