/** Compresses cached content. Each variant is made once and cached, so compression is as strong as its time allows. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib'
import type { Encoding } from './accept.ts'

/**
 * Compresses `bytes` on a libuv thread; undefined when the result would not be smaller. Levels get lower as the size
 * grows, so that no variant takes much more than a few tenths of a second. Rejects only when zlib fails.
 */
export async function compress(bytes: Buffer, encoding: Encoding): Promise<Buffer | undefined> {
  const variant = await compressors[encoding](bytes)
  return variant.length < bytes.length ? variant : undefined
}

const brotli = promisify(brotliCompress)
const zstd = promisify(zstdCompress)
const deflate = promisify(gzip)

const compressors: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) =>
    brotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: bySize(bytes, 11, 9, 5),
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length
      }
    }),
  // Levels above 19 would need a window of more than the 8 MiB that RFC 9659 allows in HTTP.
  zstd: (bytes) =>
    zstd(bytes, {
      params: { [constants.ZSTD_c_compressionLevel]: bySize(bytes, 19, 12, 6) },
      pledgedSrcSize: bytes.length
    }),
  gzip: (bytes) => deflate(bytes, { level: 9 })
}

const SMALL = 128 * 1024
const LARGE = 1024 * 1024

function bySize(bytes: Buffer, small: number, medium: number, large: number): number {
  if (bytes.length <= SMALL) return small
  return bytes.length <= LARGE ? medium : large
}
