import type { Logger } from 'pino'

/** Shortest time between two reports, in milliseconds. */
const PAUSE = 10_000

/**
 * Reports in the log how many of its lines were dropped. The returned function must be called when the log has room for
 * a line.
 *
 * @param dropped returns the number of dropped lines since the start
 * @param now a clock, in milliseconds
 */
export function createDropReport(
  logger: Logger,
  dropped: () => number,
  now: () => number = () => performance.now()
): () => void {
  let reported = 0
  let last = Number.NEGATIVE_INFINITY

  return () => {
    const total = dropped()
    if (total === reported || now() - last < PAUSE) return
    const count = total - reported
    reported = total
    last = now()
    logger.warn({ count, total }, 'log lines dropped')
  }
}
