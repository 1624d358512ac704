/**
 * A document cannot be rendered, for example because it is nested too deeply. The message is for the operator's log,
 * not for the client.
 */
export class RenderError extends Error {
  override readonly name = 'RenderError'
}

/** Runs a renderer and turns every error into a RenderError whose message begins with `format`. */
export function guardRendering<T>(format: string, render: () => T): T {
  try {
    return render()
  } catch (cause) {
    throw new RenderError(`${format}: ${describe(cause)}`, { cause })
  }
}

/** Both libraries are recursive: a document that is nested too deeply exhausts the call stack. */
function describe(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.includes('call stack') ? 'nested too deeply' : message
}
