/** Minimum size of a chunk that is freed early, in bytes. */
const WORTH = 4096

/**
 * Frees at once the memory of a chunk that is no longer needed. Left to the garbage collector, the chunks of uploads
 * make it scan the whole heap every tenth of a second, which halves their throughput.
 *
 * A chunk that shares its memory is left alone.
 */
export function freeChunk({ buffer, length }: Buffer): void {
  if (length >= WORTH && length === buffer.byteLength && buffer instanceof ArrayBuffer) {
    buffer.transfer(0)
  }
}
