import { randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import t from 'tap'
import type { Encoding } from '../../src/http/accept.ts'
import { compress } from '../../src/http/variants.ts'

const decompressors: Record<Encoding, (bytes: Buffer) => Buffer> = {
  br: (bytes) => brotliDecompressSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
  gzip: (bytes) => gunzipSync(bytes)
}
const encodings: Encoding[] = ['br', 'zstd', 'gzip']
const text = (size: number) => Buffer.alloc(size, 'The quick brown fox jumps over the lazy dog. ')

t.test('a variant is smaller and holds the same bytes, whatever the size', async (t) => {
  for (const encoding of encodings) {
    for (const size of [1024, 128 * 1024, 128 * 1024 + 1, 1024 * 1024 + 1]) {
      const variant = await compress(text(size), encoding)
      t.ok(variant !== undefined && variant.length < size, `${encoding} of ${size}`)
      if (variant !== undefined) t.same(decompressors[encoding](variant), text(size))
    }
  }
})

t.test('there is no variant that would not be smaller', async (t) => {
  for (const encoding of encodings) {
    t.equal(await compress(Buffer.alloc(0), encoding), undefined)
    t.equal(await compress(Buffer.from('x'), encoding), undefined)
    t.equal(await compress(randomBytes(10_000), encoding), undefined)
  }
})
