/**
 * Header names and their kinds, for lookups without a change of case: each name is present in lower case and in the
 * form that HTTP/1 clients use, `User-Agent`.
 *
 * @param kinds the names of each kind, in lower case, separated by spaces
 */
export function knownNames<Kind extends string>(
  kinds: Readonly<Record<Kind, string>>
): ReadonlyMap<string, Kind> {
  const known = new Map<string, Kind>()
  for (const kind of Object.keys(kinds) as Kind[]) {
    for (const name of kinds[kind].split(' ')) known.set(name, kind).set(capitalize(name), kind)
  }
  return known
}

/**
 * A name as CGI, WSGI and PHP origins see it. security: they map dashes, underscores and every other character except
 * letters and digits to the same character.
 *
 * @param lower a name in lower case
 * @returns the name with all of these characters as dashes; the same string if it has no others
 */
export function withDashes(lower: string): string {
  return ODD.test(lower) ? lower.replaceAll(EVERY_ODD, '-') : lower
}

const ODD = /[^a-z0-9-]/
const EVERY_ODD = /[^a-z0-9-]/g

function capitalize(name: string): string {
  return name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())
}
