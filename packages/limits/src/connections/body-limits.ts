/** What is expected of a client while the body of its request arrives. */
export interface BodyLimits {
  /** The longest silence, in milliseconds. Default 30,000; 0: any. */
  readonly bodyTimeout: number
  /** Bytes per second on average, chunk sizes and the like included. Default 256; 0: any. */
  readonly minBodyRate: number
  /** How long the average is not looked at, in milliseconds. Default 10,000. */
  readonly minRateGrace: number
  /**
   * The longest time from the end of the head to the end of the body, in milliseconds, whoever is
   * slow. Default 0: any.
   */
  readonly requestTimeout: number
  /**
   * The most bytes that are read past for a client that has its answer already. Before that whoever
   * reads a body counts it, and what nobody reads is not taken from the network. Default 5 MiB.
   */
  readonly maxBodySize: number
}

/** What a client did not keep to. */
export type CutReason = 'silent' | 'too slow' | 'too long' | 'too large'

/** The limits of those that are given none. */
export const DEFAULT_BODY_LIMITS: BodyLimits = {
  bodyTimeout: 30_000,
  minBodyRate: 256,
  minRateGrace: 10_000,
  requestTimeout: 0,
  maxBodySize: 5 * 1024 * 1024
}
