/** security: control characters in what clients send would be commands to the terminal. */
const CONTROL = /\p{Cc}/gu

/** A text without control characters, cut to a width in characters with "…" at its end. */
export function cut(text: string, width: number): string {
  const shown = text.replaceAll(CONTROL, '?')
  return shown.length <= width ? shown : `${shown.slice(0, Math.max(0, width - 1))}…`
}
