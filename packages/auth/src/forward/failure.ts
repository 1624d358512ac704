/** The auth server gave no usable answer. The message is for the log, and holds nothing that came from outside. */
export class ForwardFailure extends Error {}

/** What went wrong, for the log: errors of Node's by their code only, since their messages may quote the peer. */
export function describeFailure(error: unknown): string {
  if (error instanceof ForwardFailure) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return `the auth server cannot be asked: ${code}`
}
