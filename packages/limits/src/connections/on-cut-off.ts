import type { ServerResponse } from 'node:http'

/**
 * Why a connection was ended although its client did nothing invalid. `pipeline`: too many requests are waiting in the
 * whole process. `departed`: the client appears to have left.
 */
export type CutOffReason = 'pipeline' | 'departed'

/** Called for a connection that is about to be ended, with the response whose turn it is, if there is one. */
export type OnCutOff = (reason: CutOffReason, response: ServerResponse | undefined) => void
