import t from 'tap'
import {
  MAX_PROXY_HEADER,
  type ProxiedConnection,
  readProxyHeader,
  writeLocalHeader,
  writeProxyHeader
} from '../../src/index.ts'

const IPV4 = {
  clientIp: '192.0.2.7',
  clientPort: 56_324,
  serverIp: '198.51.100.1',
  serverPort: 443
}
const IPV6 = { ...IPV4, clientIp: '2001:db8::7', serverIp: '2001:db8::1' }
const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'

const v2 = (command: number, family: number, length: number, rest = ''): Buffer =>
  Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    Buffer.from(rest, 'latin1')
  ])

t.test('a written header has the bytes of the specification, and is read back', async (t) => {
  t.equal(
    writeProxyHeader('v1', IPV4).toString(),
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'
  )
  t.equal(
    writeProxyHeader('v2', IPV4).toString('hex'),
    '0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc0401bb'
  )
  const mixed: [ProxiedConnection, string][] = [
    [IPV4, '192.0.2.7'],
    [IPV6, '2001:db8::7'],
    [{ ...IPV4, serverIp: '2001:db8::1' }, '192.0.2.7'],
    [{ ...IPV6, serverIp: '198.51.100.1' }, '2001:db8::7'],
    [{ ...IPV6, serverIp: '', serverPort: 0 }, '2001:db8::7'],
    [{ ...IPV4, clientIp: '' }, '']
  ]
  for (const version of ['v1', 'v2'] as const)
    for (const [connection, address] of mixed) {
      const bytes = writeProxyHeader(version, connection)
      const { length } = bytes
      const port = address === '' ? 0 : 56_324
      const expected = { length, source: { address, port, headerLength: length } }
      t.strictSame(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET /')])), expected)
      for (let at = 0; at < length; at++)
        t.equal(readProxyHeader(bytes.subarray(0, at)), 'partial', `${at} bytes`)
    }
})

t.test('a connection of the proxy itself has no source', async (t) => {
  t.strictSame(readProxyHeader(writeLocalHeader('v2')), { length: 16, source: undefined })
  t.strictSame(readProxyHeader(v2(0x20, 0x11, 3, 'abc')), { length: 19, source: undefined })
  t.match(readProxyHeader(writeLocalHeader('v1')), { length: 15, source: { address: '' } })
  t.match(readProxyHeader(Buffer.from(`PROXY UNKNOWN ${'f'.repeat(80)} 1 2\r\n`)), {
    source: { address: '' }
  })
})

t.test('TLVs are skipped, and a Unix socket has no address', async (t) => {
  const tlvs = `\x04\x00\x02ab${'\xff'.repeat(40)}`
  const header = v2(
    0x21,
    0x11,
    12 + tlvs.length,
    `\xc0\0\x02\x07\xc6\x33\x64\x01\0\x50\0\x50${tlvs}`
  )
  t.match(readProxyHeader(header), {
    length: header.length,
    source: { address: '192.0.2.7', port: 80 }
  })
  t.match(readProxyHeader(v2(0x21, 0x31, 216, '/'.repeat(216))), { source: { address: '' } })
})

t.test('everything else is no header, or an invalid one', async (t) => {
  for (const text of [
    'GET / HTTP/1.1\r\n',
    'PROPFIND',
    '\r\nGET',
    '\r\n\r\n\0\r\nQUIT!',
    'proxy TCP4'
  ])
    t.equal(readProxyHeader(Buffer.from(text)), 'absent', text)
  const lines = [
    'TCP4 192.0.2.7 198.51.100.1 1 65536',
    'TCP4 192.0.2.7 198.51.100.1 123456 1',
    'TCP4 192.0.2.256 198.51.100.1 1 1',
    'TCP4 2001:db8::7 2001:db8::1 1 1',
    'TCP6 192.0.2.7 198.51.100.1 1 1',
    'TCP4  192.0.2.7 198.51.100.1 1 1',
    'TCP4 192.0.2.7 198.51.100.1 1 1 ',
    'TCP4 192.0.2.7 198.51.100.1 1',
    'TCP4 192.0.2.7 198.51.100.1 -1 1',
    'TCP6 fe80::1%eth0 ::1 1 1',
    'UDP4 192.0.2.7 198.51.100.1 1 1',
    'UNKNOWNX',
    ''
  ]
  for (const line of lines)
    t.equal(readProxyHeader(Buffer.from(`PROXY ${line}\r\n`)), 'invalid', line)
  t.equal(readProxyHeader(Buffer.from(`PROXY ${'x'.repeat(101)}`)), 'invalid', '107 bytes')
  t.equal(readProxyHeader(Buffer.from(`PROXY ${'x'.repeat(100)}`)), 'partial', '106 bytes')
  const long = MAX_PROXY_HEADER - 16
  t.equal(readProxyHeader(v2(0x21, 0x11, long)), 'partial')
  for (const [command, family, length] of [
    [0x21, 0x11, 11],
    [0x21, 0x21, 35],
    [0x21, 0x31, 215],
    [0x21, 0x12, 12],
    [0x21, 0x41, 12],
    [0x11, 0x11, 12],
    [0x22, 0x11, 12],
    [0x21, 0x11, long + 1],
    [0x20, 0x00, 65_535]
  ] as const)
    t.equal(
      readProxyHeader(v2(command, family, length)),
      'invalid',
      `${command} ${family} ${length}`
    )
})
