/** Limits on a client while the body of its request arrives. */
export interface BodyLimits {
  /** The longest silence, in milliseconds. Default 30,000; 0: unlimited. */
  readonly bodyTimeout: number
  /** Minimum average rate in bytes per second, chunk sizes and other framing included. Default 256; 0: unlimited. */
  readonly minBodyRate: number
  /** How long the average rate is not checked, in milliseconds. Default 10,000. */
  readonly minRateGrace: number
  /**
   * The longest time from the end of the head to the end of the body, in milliseconds, whichever side is slow. Default
   * 0: unlimited.
   */
  readonly requestTimeout: number
  /**
   * Maximum size of a body, in bytes, once its response has been written and the rest is read and discarded. Before
   * that, whatever consumes the body counts it, and a body that nothing consumes is not read from the network. Default
   * 5 MiB.
   */
  readonly maxBodySize: number
}

/** The limit that a client violated. */
export type CutReason = 'silent' | 'too slow' | 'too long' | 'too large'

/** Default limits. */
export const DEFAULT_BODY_LIMITS: BodyLimits = {
  bodyTimeout: 30_000,
  minBodyRate: 256,
  minRateGrace: 10_000,
  requestTimeout: 0,
  maxBodySize: 5 * 1024 * 1024
}
