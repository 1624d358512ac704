import * as z from 'zod'

const EXPECTED = 'expected bytes, e.g. 512, or a size, e.g. "64KiB", "5MiB", "10kB"'
const BYTES = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40]
])

/**
 * A number of bytes: an integer, or a string with a decimal ("kB", "MB") or binary ("KiB", "MiB") unit. The output is
 * an integer number of bytes, from 0 to the largest safe integer.
 */
export const ByteSize = z
  .union(
    [z.int(EXPECTED).min(0, EXPECTED), z.string().regex(/^\d+(?:[kMGT]?B|[KMGT]iB)?$/, EXPECTED)],
    EXPECTED
  )
  .transform(toBytes)
  .pipe(z.int('the size is too large'))
  .meta({ description: 'A number of bytes, or a size, e.g. "64KiB", "5MiB", "10kB".' })

function toBytes(size: number | string): number {
  if (typeof size === 'number') return size
  const unit = size.replace(/^\d+/, '')
  return Number.parseInt(size, 10) * (BYTES.get(unit) ?? Number.NaN)
}
