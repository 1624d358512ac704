import t from 'tap'
import { parseList } from '../src/lists/parse-list.ts'

t.test('texts and JSON documents are read', async (t) => {
  for (const [text, expected, field] of [
    [
      '# comment\n192.0.2.1\r\n\r\n198.51.100.0/24 ; SBL1\n\t2001:DB8::/32 # x\n192.0.2.1/32\n::ffff:192.0.2.7',
      ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32', '192.0.2.7']
    ],
    ['["192.0.2.1", "2001:db8::/32"]', ['192.0.2.1', '2001:db8::/32']],
    [
      '{"creationTime": "2026", "prefixes": [{"ipv4Prefix": "192.0.2.0/24"}, {"ipv6Prefix": "2001:db8::/32"}]}',
      ['192.0.2.0/24', '2001:db8::/32']
    ],
    [
      '{"ssh_keys": ["x"], "hooks": ["192.0.2.0/24"], "web": ["10.0.0.0/8"]}',
      ['192.0.2.0/24'],
      'hooks'
    ]
  ] as const) {
    t.strictSame(await parseList(text, field), expected)
  }
})

t.test('anything else is refused as a whole, and not quoted', async (t) => {
  for (const [text, why, field] of [
    ['', /there are no addresses/],
    ['# only a comment\n', /there are no addresses/],
    ['192.0.2.1\n<html>secret</html>\n', /^line 2 is not an IP address/],
    ['192.0.2.1 192.0.2.2', /^line 1 is not/],
    ['10.0.0.0/8\n0.0.0.0/0', /^line 2 stands for all addresses/],
    ['::/0', /^line 1 stands for all addresses/],
    ['["192.0.2.1", "secret"]', /^item 2 is not/],
    ['{"a": "secret"}', /there are no addresses/],
    ['{"a": ', /is not JSON/],
    ['[[[[[[[[["192.0.2.1"]]]]]]]]]', /there are no addresses/],
    ['{"a": []}', /has no field "hooks"/, 'hooks'],
    ['{"hooks": ["192.0.2.1", "secret"]}', /^item 2 is not/, 'hooks'],
    ['{"__proto__": {"toString": "192.0.2.1"}}', /has no field "toString"/, 'toString'],
    [
      Array.from({ length: 50_001 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join(
        '\n'
      ),
      /more than 50000/
    ]
  ] as const) {
    const error = await parseList(text, field).then(
      () => t.fail(`read ${text.slice(0, 40)}`),
      ({ message }: Error) => message
    )
    t.match(error, why)
    t.notMatch(error, /secret/)
  }
})
