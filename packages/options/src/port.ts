import * as z from 'zod'

/** A TCP port that something answers on, 1 to 65535. */
export const Port = z.int().min(1).max(65_535).meta({ description: 'A TCP port.' })

/** A TCP port to listen on: as {@link Port}, or 0 for any free one. */
export const ListenPort = z
  .int()
  .min(0)
  .max(65_535)
  .meta({ description: 'A TCP port to listen on; 0 takes any free one.' })
