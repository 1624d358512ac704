// Writes small databases in the MaxMind format: https://maxmind.github.io/MaxMind-DB/

import { isIPv4 } from 'node:net'

/** A value of a record; numbers are unsigned integers. */
export type MmdbValue = string | number | MmdbValue[] | { [name: string]: MmdbValue }

type Node = [left: Node | number | undefined, right: Node | number | undefined]

/** Bits of the prefix below which IPv4 addresses stand in a tree of IPv6 addresses. */
const IPV4_PREFIX = 96
/** Zero bytes between the tree and the data. */
const SEPARATOR = 16

/**
 * A database of blocks and their records. A block within another one has to follow it; its record then replaces the
 * other's.
 *
 * @param type such as "GeoLite2-Country"
 */
export function mmdb(type: string, records: Readonly<Record<string, MmdbValue>>): Buffer {
  const data: Buffer[] = []
  let size = 0
  const root: Node = [undefined, undefined]
  for (const [block, value] of Object.entries(records)) {
    insert(root, bitsOf(block), size)
    const bytes = encode(value)
    data.push(bytes)
    size += bytes.length
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.floor(Date.now() / 1000),
    database_type: type,
    description: {},
    ip_version: 6,
    languages: [],
    node_count: nodesOf(root).length,
    record_size: 24
  })
  return Buffer.concat([
    treeOf(root),
    Buffer.alloc(SEPARATOR),
    ...data,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    metadata
  ])
}

function insert(root: Node, bits: readonly (0 | 1)[], offset: number): void {
  let node = root
  for (const [at, bit] of bits.entries()) {
    if (at === bits.length - 1) node[bit] = offset
    else {
      const next = node[bit]
      // A record above becomes the record of both halves.
      node[bit] = Array.isArray(next) ? next : [next, next]
      node = node[bit]
    }
  }
}

function bitsOf(block: string): (0 | 1)[] {
  const [address = '', length] = block.split('/')
  const [groups, width] = isIPv4(address)
    ? [address.split('.').map(Number), 8]
    : [ipv6Groups(address), 16]
  const bits = groups.flatMap((group) =>
    Array.from({ length: width }, (_, at): 0 | 1 => ((group >> (width - 1 - at)) & 1 ? 1 : 0))
  )
  const own = bits.slice(0, length === undefined ? bits.length : Number(length))
  return width === 8 ? [...Array.from({ length: IPV4_PREFIX }, (): 0 => 0), ...own] : own
}

function ipv6Groups(address: string): number[] {
  const [head = [], tail = []] = address.split('::').map((part) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16))
  )
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
}

function nodesOf(root: Node): Node[] {
  const nodes = [root]
  for (const node of nodes) nodes.push(...node.filter((side) => Array.isArray(side)))
  return nodes
}

function treeOf(root: Node): Buffer {
  const nodes = nodesOf(root)
  const numbers = new Map(nodes.map((node, at) => [node, at]))
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [at, node] of nodes.entries()) {
    for (const [side, value] of node.entries()) {
      const number = Array.isArray(value)
        ? (numbers.get(value) ?? 0)
        : nodes.length + (value === undefined ? 0 : SEPARATOR + value)
      tree.writeUIntBE(number, at * 6 + side * 3, 3)
    }
  }
  return tree
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([control(2, bytes.length), bytes])
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  const entries = Object.entries(value)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap((entry) => entry.map(encode))
  ])
}

/** The control byte of a value with less than 285 bytes or members; types above 7 are extended. */
function control(type: number, size: number): Buffer {
  const short = Math.min(size, 29)
  const bytes = type <= 7 ? [(type << 5) | short] : [short, type - 7]
  return Buffer.from(short === 29 ? [...bytes, size - 29] : bytes)
}
