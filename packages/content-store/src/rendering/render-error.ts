/**
 * A document that its renderer cannot turn into a page: nested too deeply, or a fault of the
 * library, which is then the `cause`. The message is for the operator's log, not for the client.
 */
export class RenderError extends Error {
  override readonly name = 'RenderError'
}

/** Runs a renderer; whatever it throws becomes a RenderError that begins with `format`. */
export function guardRendering<T>(format: string, render: () => T): T {
  try {
    return render()
  } catch (cause) {
    throw new RenderError(`${format}: ${describe(cause)}`, { cause })
  }
}

/** Both libraries recurse, so that depth shows itself as an exhausted stack. */
function describe(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.includes('call stack') ? 'nested too deeply' : message
}
