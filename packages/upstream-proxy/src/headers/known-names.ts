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

function capitalize(name: string): string {
  return name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())
}
