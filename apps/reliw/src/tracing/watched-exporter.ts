import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { FastifyBaseLogger } from 'fastify'

type Done = Parameters<SpanExporter['export']>[1]

/** Logs once when spans cannot be exported, and once when they can be again. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #log: FastifyBaseLogger
  readonly #collector: string
  #lost = 0

  /** @param collector its name in the log */
  constructor(exporter: SpanExporter, log: FastifyBaseLogger, collector: string) {
    this.#exporter = exporter
    this.#log = log
    this.#collector = collector
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#exporter.export(spans, (result) => {
      if (result.error === undefined) this.#succeed()
      else this.#fail(spans.length, result.error)
      done(result)
    })
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  #succeed(): void {
    if (this.#lost === 0) return
    const tracing = { collector: this.#collector, lost: this.#lost }
    this.#lost = 0
    this.#log.info({ tracing }, 'spans are exported again')
  }

  #fail(spans: number, error: Error): void {
    const isFirst = this.#lost === 0
    this.#lost += spans
    if (!isFirst) return
    // Other fields of the error contain the collector's response, which may be anything.
    const tracing = { collector: this.#collector, cause: error.message }
    this.#log.warn({ tracing }, 'spans cannot be exported')
  }
}
