import type { FastifyBaseLogger } from 'fastify'
import type { Lookup } from '../sources.ts'
import { GeoDatabase } from './geo-database.ts'
import { asnIn, countryIn } from './records.ts'

export interface Geo {
  readonly country: Lookup<string>
  readonly asn: Lookup<number>
  /** Reads the databases, so that one that cannot be read is logged at the start. */
  load: () => void
  close: () => void
}

/** The databases of a config. */
export function openGeo(
  files: { country?: string | undefined; asn?: string | undefined },
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
): Geo {
  const open = <V>(name: 'country' | 'asn', find: (record: unknown) => V | undefined) => {
    const file = files[name]
    return file === undefined ? undefined : new GeoDatabase(file, name, find, log)
  }
  const country = open('country', countryIn)
  const asn = open('asn', asnIn)
  return {
    country: country ?? missing('country'),
    asn: asn ?? missing('asn'),
    load() {
      void country?.loading
      void asn?.loading
    },
    close() {
      country?.close()
      asn?.close()
    }
  }
}

function missing(name: string): Lookup<never> {
  return {
    loading: undefined,
    issue: `"${name}:" needs a database: set geo.${name} in the config`,
    find: () => undefined
  }
}
