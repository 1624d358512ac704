/** What a writer process changes. */
export type WriterTarget =
  | { kind: 'redis'; port: number; db: number }
  | { kind: 'embedded'; dir: string }
  | { kind: 'rename' | 'in place'; file: string }

/** One change; a file has no key. */
export interface Change {
  key: string
  /** Of a hash; a string has none. */
  field?: string
  value: string
}

/** When a change was made, in nanoseconds. */
export interface Times {
  sent: bigint
  acknowledged: bigint
}

const DIGITS = 8

/** A page that says its version; all of them are equally long. */
export function page(version: number): string {
  return `<!doctype html>\n<title>Bench</title>\n<p>version ${String(version).padStart(DIGITS, '0')}</p>\n`
}

/** An entry whose responses say its version in a header. */
export function entry(version: number): string {
  return JSON.stringify({ methods: { GET: true }, headers: { 'x-version': String(version) } })
}

/** The version of a response: of its entry if that says one, else of its page. */
export function versionOf(headers: readonly string[], body: Buffer): number {
  const at = headers.indexOf('x-version')
  if (at !== -1) return Number(headers[at + 1])
  return Number(/version (\d+)/.exec(body.toString())?.[1] ?? Number.NaN)
}
