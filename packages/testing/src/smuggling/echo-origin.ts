import { startOrigin, type Responder, type Origin } from '../origin.ts'
import type { TestContext } from '../test-context.ts'

/** An origin that responds to each request with a description of it, as soon as it may. */
export interface EchoOrigin {
  readonly origin: Origin
  /** Lets responses wait. */
  hold: () => void
  /** Lets them go. */
  release: () => void
}

export async function startEcho(t: TestContext): Promise<EchoOrigin> {
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const respond: Responder = async (request, connection) => {
    const body = await request.body
    await gate.promise
    const { method, target } = request
    connection.write(
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-Seen: ${method} ${target}\r\n\r\n`
    )
    if (method !== 'HEAD') connection.write(body)
  }
  return {
    origin: await startOrigin(t, respond),
    hold: () => (gate = Promise.withResolvers()),
    release: () => gate.resolve()
  }
}
