/** The auth server gave no usable response. The message is for the log, and contains nothing from outside. */
export class ForwardFailure extends Error {}

/** The reason for the log. Node's errors appear by their code only, since their messages may quote the peer. */
export function describeFailure(error: unknown): string {
  if (error instanceof ForwardFailure) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return `request to the auth server failed: ${code}`
}
