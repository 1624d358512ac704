import * as z from 'zod'

/** A TCP port to connect to, 1 to 65535. */
export const Port = z.int().min(1).max(65_535).meta({ description: 'A TCP port.' })

/** A TCP port to listen on: like {@link Port}, or 0 for any free port. */
export const ListenPort = z
  .int()
  .min(0)
  .max(65_535)
  .meta({ description: 'A TCP port to listen on; 0 takes any free one.' })
