import { asnIn, countryIn } from './records.ts'
import { readDatabase } from './read-database.ts'

/** Messages for the databases of `geo` in a config that cannot be read. */
export async function findGeoIssues(files: {
  country?: string | undefined
  asn?: string | undefined
}): Promise<string[]> {
  const found = await Promise.all([
    issueOf('country', files.country, countryIn),
    issueOf('asn', files.asn, asnIn)
  ])
  return found.filter((issue) => issue !== undefined)
}

async function issueOf(
  name: string,
  file: string | undefined,
  factIn: (record: unknown) => unknown
): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    await readDatabase(file, factIn)
    return undefined
  } catch (error) {
    return `geo.${name}: ${file} cannot be read: ${(error as Error).message}`
  }
}
