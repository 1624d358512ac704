import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import type { TestContext } from '@reliw/testing'

/** What a name stands for. */
export interface DnsRecord {
  /** IPv4, and IPv6 with all eight groups. */
  addresses: readonly string[]
  /** In seconds. */
  ttl: number
}

const A = 1
const AAAA = 28
const NO_ERROR = 0
const SERVER_FAILURE = 2
const NAME_ERROR = 3
const HEADER_LENGTH = 12
/** In an answer: the name of the question (RFC 1035 4.1.4). */
const SAME_NAME = Buffer.of(0xc0, HEADER_LENGTH)

/** A DNS server on UDP that knows A and AAAA records (RFC 1035, RFC 3596). */
export class DnsServer {
  /** By name; may be changed at any time. A name that is not there does not exist. */
  readonly records = new Map<string, DnsRecord>()
  mode: 'answers' | 'fails' | 'is silent' = 'answers'
  readonly #questions: string[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (message, { address, port }) => {
      const answer = this.#answer(message)
      if (answer !== undefined) socket.send(answer, port, address)
    })
  }

  /** As `setServers` of node:dns takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  /** How often the IPv4 addresses of a name were asked for. */
  asked(name: string): number {
    return this.#questions.filter((question) => question === name).length
  }

  #answer(query: Buffer): Buffer | undefined {
    const { name, type, question } = readQuestion(query)
    if (type === A) this.#questions.push(name)
    if (this.mode === 'is silent') return undefined
    const record = this.records.get(name)
    if (this.mode === 'fails') return message(query, question, SERVER_FAILURE, [])
    if (record === undefined) return message(query, question, NAME_ERROR, [])
    const addresses = record.addresses.filter((one) => isIPv4(one) === (type === A))
    const isKnown = type === A || type === AAAA
    const answers = isKnown ? addresses.map((one) => resourceRecord(one, record.ttl)) : []
    return message(query, question, NO_ERROR, answers)
  }
}

/** Starts one on a free loopback port; it ends with the test. */
export async function startDnsServer(
  t: TestContext,
  records: Record<string, DnsRecord> = {}
): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const server = new DnsServer(socket)
  for (const [name, record] of Object.entries(records)) server.records.set(name, record)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return server
}

function readQuestion(query: Buffer): { name: string; type: number; question: Buffer } {
  const labels: string[] = []
  let at = HEADER_LENGTH
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const question = query.subarray(HEADER_LENGTH, at + 5)
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), question }
}

function message(query: Buffer, question: Buffer, code: number, answers: Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  query.copy(header, 0, 0, 2)
  // A response, recursion desired and available; one question.
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(answers.length, 6)
  return Buffer.concat([header, question, ...answers])
}

function resourceRecord(address: string, ttl: number): Buffer {
  const data = isIPv4(address)
    ? Buffer.from(address.split('.').map(Number))
    : Buffer.from(address.split(':').flatMap(groupBytes))
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(isIPv4(address) ? A : AAAA, 0)
  fields.writeUInt16BE(1, 2)
  fields.writeUInt32BE(ttl, 4)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([SAME_NAME, fields, data])
}

function groupBytes(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
