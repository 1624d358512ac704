import type { ServerResponse } from 'node:http'

/**
 * Why a connection was ended that sent nothing wrong: the requests that wait on all connections are too many
 * (`pipeline`), or its client seems to have left (`departed`).
 */
export type CutOffReason = 'pipeline' | 'departed'

/** Told of a connection that is about to be ended, and of the response whose turn it is, if there is one. */
export type OnCutOff = (reason: CutOffReason, response: ServerResponse | undefined) => void
