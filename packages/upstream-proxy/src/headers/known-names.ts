/**
 * Header names and what they are, to be looked up without changing their case first: each is there
 * in lower case and as HTTP/1 clients write it, `User-Agent`.
 *
 * @param kinds what each kind's names are, in lower case, with blanks between them
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
 * A name as CGI, WSGI and PHP origins see it, who turn dashes, underscores and whatever else is no
 * letter or digit into one and the same character.
 *
 * @param lower in lower case
 * @returns the name with dashes, the same string if it has nothing else
 */
export function withDashes(lower: string): string {
  return ODD.test(lower) ? lower.replaceAll(EVERY_ODD, '-') : lower
}

const ODD = /[^a-z0-9-]/
const EVERY_ODD = /[^a-z0-9-]/g

function capitalize(name: string): string {
  return name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())
}
