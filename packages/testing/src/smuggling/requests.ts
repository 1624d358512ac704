import { chunks, trailers } from './chunks.ts'
import { connectionHeaders } from './connection-headers.ts'
import { contentLengths } from './content-lengths.ts'
import { headerLines } from './header-lines.ts'
import { hosts } from './hosts.ts'
import { pipelines } from './pipelines.ts'
import type { RequestCases } from './request-case.ts'
import { requestLines } from './request-lines.ts'
import { transferCodings } from './transfer-codings.ts'

/** All that a client may try, by what it plays with. */
export const smuggledRequests: Readonly<Record<string, RequestCases>> = {
  'Content-Length': contentLengths,
  'Transfer-Encoding': transferCodings,
  chunks,
  trailers,
  'header lines': headerLines,
  'request lines': requestLines,
  hosts,
  'headers of a connection': connectionHeaders,
  'several requests': pipelines
}
