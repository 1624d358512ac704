import { responseChunks, responseLengths, responseTrailers } from './response-bodies.ts'
import type { ResponseCases } from './response-case.ts'
import { responseFramings, responseHeaderLines } from './response-heads.ts'
import { interimResponses, responseSplitting } from './response-splitting.ts'
import { responseStatusLines } from './response-status-lines.ts'

/** All that an origin may try, by what it plays with. */
export const smuggledResponses: Readonly<Record<string, ResponseCases>> = {
  'status lines': responseStatusLines,
  'the framing of a body': responseFramings,
  'header lines': responseHeaderLines,
  chunks: responseChunks,
  trailers: responseTrailers,
  'the length of a body': responseLengths,
  'bytes after a response': responseSplitting,
  'interim responses': interimResponses
}
