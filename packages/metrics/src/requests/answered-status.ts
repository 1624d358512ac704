/** What nginx calls a client that left before it was answered: no status of HTTP. */
const CLIENT_LEFT = 499

/** The part of a response that says whether there was an answer. */
interface Response {
  readonly headersSent: boolean
  readonly statusCode: number
}

/** The status of a response that is over; 499 where nothing was sent. */
export function answeredStatus({ headersSent, statusCode }: Response): number {
  return headersSent || statusCode !== 200 ? statusCode : CLIENT_LEFT
}
