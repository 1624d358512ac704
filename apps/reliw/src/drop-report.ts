import type { Logger } from 'pino'

/** At least this long between two lines, in milliseconds. */
const PAUSE = 10_000

/**
 * Says in the log how many of its lines were dropped. The function is to be called when there is room for a line.
 *
 * @param dropped how many were, since the start
 * @param now a clock, in milliseconds
 */
export function createDropReport(
  logger: Logger,
  dropped: () => number,
  now: () => number = () => performance.now()
): () => void {
  let told = 0
  let last = Number.NEGATIVE_INFINITY

  return () => {
    const total = dropped()
    if (total === told || now() - last < PAUSE) return
    const count = total - told
    told = total
    last = now()
    logger.warn({ count, total }, 'lines dropped')
  }
}
