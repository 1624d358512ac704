/** A whole number with its thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A ratio to two places, as `0.81 ×`. */
export function ratio(value: number): string {
  return `${value.toFixed(2)} ×`
}

/** Microseconds, to a tenth below a hundred. */
export function microseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : whole(value)
}

/** Microseconds as milliseconds. */
export function milliseconds(value: number): string {
  return (value / 1000).toFixed(2)
}

/** Bytes as 10⁶ bytes. */
export function megabytes(value: number): string {
  return value < 1e9 ? (value / 1e6).toFixed(1) : whole(value / 1e6)
}

/** A share to a tenth of a percent, not rounded up; more than all is all. */
export function share(part: number): string {
  return `${(Math.floor(Math.min(part, 1) * 1000) / 10).toFixed(1)} %`
}
