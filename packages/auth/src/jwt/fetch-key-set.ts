import { readKeySet } from './key-set.ts'
import type { VerificationKey } from './verification-key.ts'

const MAX_BYTES = 262_144

/**
 * Fetches the keys of an issuer. Redirects are not followed; a response of more than 256 KiB is refused.
 *
 * @param timeout of the whole fetch, in milliseconds
 * @throws {Error} with the reason as its message, without the address
 */
export async function fetchKeySet(
  uri: string,
  timeout: number
): Promise<readonly VerificationKey[]> {
  try {
    const response = await fetch(uri, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout)
    })
    if (response.status === 200) return readKeySet(await readText(response))
    await response.body?.cancel()
    throw new Error(`status ${response.status}`)
  } catch (error) {
    throw new Error(describe(error), { cause: error })
  }
}

async function readText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > MAX_BYTES) throw new Error('the response is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

/** The reason for the log. The messages of JSON.parse are not used: they quote the text that is invalid. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error.name === 'TimeoutError') return 'no response in time'
  if (error instanceof SyntaxError) return 'the response is not JSON'
  const { cause, message } = error
  if (!(cause instanceof Error)) return message
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
