import { readFile, stat } from 'node:fs/promises'

/** Largest database that is read into memory, in bytes. */
const MAX_BYTES = 512 * 1024 * 1024
/** Marks the beginning of the metadata, in the last 128 KiB of a database. */
const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const METADATA_BYTES = 128 * 1024
/** Networks that are looked at to verify that a database has the fact. */
const MAX_NETWORKS = 2000
const IPV4_BITS = 32

/** Finds a fact about an address in its canonical spelling. Throws where the database is damaged. */
export type Find<V> = (address: string) => V | undefined

export interface ReadDatabase<V> {
  readonly find: Find<V>
  /** Type of the database, such as "GeoLite2-Country". */
  readonly type: string
  /** When the database was built, in ISO 8601. */
  readonly built: string
}

/**
 * Reads a database in the MaxMind format. Rejects when the file is no such database, or when none of its records has
 * the fact. security: rules that refuse countries would otherwise admit everybody.
 */
export async function readDatabase<V>(
  file: string,
  factIn: (record: unknown) => V | undefined
): Promise<ReadDatabase<V>> {
  const { size } = await stat(file)
  if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`)
  const [{ Reader }, bytes] = await Promise.all([import('mmdb-lib'), readFile(file)])
  if (!bytes.subarray(-METADATA_BYTES).includes(METADATA_MARKER))
    throw new Error('it is not a database in the MaxMind format')
  const reader = new Reader(bytes)
  const { databaseType, buildEpoch, ipVersion, searchTreeSize } = reader.metadata
  if (searchTreeSize > bytes.length) throw new Error('its end is missing')
  // A tree of IPv4 addresses would lead an IPv6 address to the record of any other.
  const find = (address: string): V | undefined =>
    ipVersion === 4 && address.includes(':') ? undefined : factIn(reader.get(address))
  verify((ip) => reader.getWithPrefixLength(ip), factIn)
  return { find, type: databaseType, built: new Date(buildEpoch).toISOString() }
}

/** Walks over the networks of IPv4 until one has the fact. */
function verify(
  networkAt: (ip: string) => [record: unknown, prefix: number],
  factIn: (record: unknown) => unknown
): void {
  let hasRecords = false
  let address = 0
  for (let count = 0; count < MAX_NETWORKS && address < 2 ** IPV4_BITS; count++) {
    const [record, prefix] = networkAt(dotted(address))
    if (record !== null) {
      if (factIn(record) !== undefined) return
      hasRecords = true
    }
    const size = 2 ** (IPV4_BITS - Math.min(Math.max(prefix, 0), IPV4_BITS))
    address = (Math.floor(address / size) + 1) * size
  }
  if (hasRecords) throw new Error('its records do not have what the rules need')
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
