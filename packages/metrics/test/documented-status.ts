import * as z from 'zod'

const Origin = z.strictObject({
  origin: z.string(),
  healthy: z.boolean(),
  draining: z.boolean(),
  in_flight: z.int(),
  active: z.int(),
  idle: z.int(),
  pending: z.int(),
  uploads: z.int()
})

/** Schema of `/status`, which the example in the document and the response have to match. */
export const Status = z.strictObject({
  status: z.enum(['ready', 'draining', 'the store has not responded yet']),
  version: z.string(),
  uptime: z.int(),
  workers: z.int().min(1),
  connections: z.int(),
  in_flight: z.int(),
  recent: z.strictObject({ requests: z.int(), error_rate: z.number().min(0).max(1) }),
  store: z.strictObject({
    driver: z.enum(['redis', 'embedded']),
    connected: z.boolean(),
    kept_bytes: z.int(),
    kept_values: z.int(),
    hits: z.int(),
    misses: z.int(),
    stale_served: z.int()
  }),
  upstreams: z.array(
    z.strictObject({
      upstream: z.string(),
      circuit: z.enum(['closed', 'half-open', 'open']),
      origins: z.array(Origin)
    })
  ),
  certificates: z.array(z.strictObject({ name: z.string(), expires: z.iso.datetime() })),
  disk: z.record(z.string(), z.strictObject({ free_bytes: z.int(), total_bytes: z.int() })),
  memory: z.strictObject({ rss: z.int(), heap_used: z.int(), external: z.int() }),
  pressure: z
    .object({ level: z.enum(['normal', 'warning', 'reduced', 'overloaded']) })
    .catchall(z.number().min(0).max(1))
    .optional()
})
