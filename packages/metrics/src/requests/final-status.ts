/** nginx's status for a client that left before the response; not a status of HTTP. */
const CLIENT_CLOSED_REQUEST = 499

/** The part of a response that shows whether it was sent. */
interface Response {
  readonly headersSent: boolean
  readonly statusCode: number
}

/** The status of a finished response; 499 if nothing was sent. */
export function finalStatus({ headersSent, statusCode }: Response): number {
  return headersSent || statusCode !== 200 ? statusCode : CLIENT_CLOSED_REQUEST
}
