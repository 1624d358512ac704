/** What is smaller is not worth it, in bytes. */
const WORTH = 4096

/**
 * Gives the memory of a chunk back at once that nobody needs any more. Left to the garbage collector, what
 * uploads bring has it look through the whole heap every tenth of a second, which halves their rate.
 *
 * A chunk that shares its memory with others is left alone.
 */
export function freeChunk({ buffer, length }: Buffer): void {
  if (length >= WORTH && length === buffer.byteLength && buffer instanceof ArrayBuffer) {
    buffer.transfer(0)
  }
}
