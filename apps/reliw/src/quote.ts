const NEEDS_ESCAPE = /[^\x20!\x23-\x5B\x5D-\x7E]/
/** security: an attacker may send control characters that JSON leaves as they are and terminals run as commands. */
const CONTROL = /[\x7F-\x9F]/g

/** A value as JSON. Most texts need no escapes and take the short way. */
export function quote(value: string | readonly string[]): string {
  if (typeof value === 'string' && !NEEDS_ESCAPE.test(value)) return `"${value}"`
  return JSON.stringify(value).replaceAll(CONTROL, escape)
}

function escape(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`
}
