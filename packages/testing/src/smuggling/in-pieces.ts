/** More would take too long. */
const MAX_PIECES = 1000

/** Cuts bytes into single ones; very many into as many pieces of one size. */
export function inPieces(bytes: string): string[] {
  const size = Math.ceil(bytes.length / MAX_PIECES)
  return bytes.match(new RegExp(`[^]{1,${size || 1}}`, 'g')) ?? []
}
