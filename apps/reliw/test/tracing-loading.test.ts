import { registerHooks } from 'node:module'
import { test } from 'tap'
import { ask } from './cli/serving.ts'

/** What is loaded for spans alone. The API itself may be loaded by others, and does nothing then. */
const TRACING = /@opentelemetry\/(?!api\/)|@fastify\/otel|tracing\/open-telemetry/
const loaded: string[] = []
registerHooks({
  load: (url, context, next) => {
    if (TRACING.test(url)) loaded.push(url)
    return next(url, context)
  }
})

test('OpenTelemetry is loaded where tracing is configured, and nowhere else', async (t) => {
  const { startServer } = await import('./start-server.ts')
  const { startTraced } = await import('./tracing-server.ts')
  const plain = await startServer(t, {})
  t.equal((await ask(plain.port, '/')).status, 404)
  t.strictSame(loaded, [])
  const traced = await startTraced(t, {})
  t.equal((await ask(traced.port, '/')).status, 404)
  for (const part of ['sdk-trace', 'exporter-trace-otlp-http'])
    t.ok(
      loaded.some((url) => url.includes(`/@opentelemetry/${part}/`)),
      part
    )
})
