/** The country of a record: `country.iso_code` (MaxMind, DB-IP), `country_code` or `country` (IPinfo). */
export function countryIn(record: unknown): string | undefined {
  const country = fieldOf(record, 'country')
  const code = fieldOf(country, 'iso_code') ?? fieldOf(record, 'country_code') ?? country
  return typeof code === 'string' && /^[a-z]{2}$/i.test(code) ? code.toUpperCase() : undefined
}

/** The autonomous system of a record: `autonomous_system_number` (MaxMind, DB-IP), or `asn` such as "AS64500" (IPinfo). */
export function asnIn(record: unknown): number | undefined {
  const number = fieldOf(record, 'autonomous_system_number') ?? fieldOf(record, 'asn')
  if (typeof number === 'number') return number
  const [, digits] = /^(?:AS)?(\d{1,10})$/i.exec(typeof number === 'string' ? number : '') ?? []
  return digits === undefined ? undefined : Number(digits)
}

function fieldOf(record: unknown, name: string): unknown {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, name))
    return undefined
  return (record as Record<string, unknown>)[name]
}
