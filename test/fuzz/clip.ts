const MOST = 2000

/** Bytes as JSON, the middle left out where they are many. */
export function clip(text: string): string {
  const half = MOST / 2
  return JSON.stringify(text.length > MOST ? `${text.slice(0, half)}…${text.slice(-half)}` : text)
}
