import t from 'tap'
import * as z from 'zod'
import {
  describeIssues,
  Duration,
  Host,
  InvalidOptions,
  ListenPort,
  parseOptions
} from '../src/index.ts'

const Origin = z.strictObject({ target: z.string(), port: z.int() })
const Schema = z.strictObject({
  cache_max_size: z.int().default(1),
  timeout: Duration.prefault('30s'),
  data: z.strictObject({ port: ListenPort.default(0) }).prefault({}),
  targets: z.array(z.union([z.string(), Origin])).optional(),
  hosts: z
    .record(Host, z.strictObject({ cert: z.string() }).nullable())
    .readonly()
    .optional(),
  pair: z.tuple([z.string(), Origin]).optional(),
  both: z
    .intersection(z.strictObject({ one: z.int() }), z.strictObject({ two: z.int() }))
    .optional(),
  store: z
    .discriminatedUnion('driver', [
      z.strictObject({ driver: z.literal('redis'), prefix: z.string().optional() }),
      z.strictObject({ driver: z.literal('embedded'), directory: z.string().optional() })
    ])
    .optional(),
  retries: z.strictObject({ attempts: z.int() }).transform(Object.keys).optional(),
  tree: z.lazy(() => z.strictObject({ branch: z.int().optional() })).optional()
})

function issuesOf(input: unknown): string[] {
  const { error } = Schema.safeParse(input)
  return error === undefined ? [] : describeIssues(Schema, error)
}

t.test('defaults are filled and units converted', async (t) => {
  t.same(parseOptions('test', Schema, {}), {
    cache_max_size: 1,
    timeout: 30_000,
    data: { port: 0 }
  })
})

t.test('all validation issues are reported at once, with owner and path', async (t) => {
  const input = { timeout: 'soon', data: { port: '80' }, targets: [{ target: 1, port: 2 }] }
  t.throws(() => parseOptions('@reliw/test', Schema, input), {
    constructor: InvalidOptions,
    code: 'RELIW_INVALID_OPTIONS',
    message: [
      'Invalid options for @reliw/test:',
      'timeout: expected seconds, e.g. 30, or a duration, e.g. "500ms", "30s", "5m", "2h", "1d"',
      'data.port: Invalid input: expected number, received string',
      'targets[0].target: Invalid input: expected string, received number'
    ].join('\n')
  })
})

t.test('an unknown key names the nearest known key', async (t) => {
  t.same(issuesOf({ cache_maxsize: 1 }), [
    'Unknown key "cache_maxsize": did you mean "cache_max_size"?'
  ])
  t.same(issuesOf({ cacheMaxSize: 1 }), [
    'Unknown key "cacheMaxSize": did you mean "cache_max_size"?'
  ])
  t.same(issuesOf({ dta: 1, Timeout: 1 }), [
    'Unknown key "dta": did you mean "data"?',
    'Unknown key "Timeout": did you mean "timeout"?'
  ])
})

t.test('a key that is near no other gets no suggestion', async (t) => {
  t.same(issuesOf({ colour: 1 }), ['Unknown key "colour"'])
  t.same(issuesOf({ x: 1 }), ['Unknown key "x"'])
  t.same(issuesOf({ ['data'.repeat(50)]: 1 }), [`Unknown key "${'data'.repeat(50)}"`])
  t.same(issuesOf({ data: { 'a"b\n': 1 } }), ['data: Unknown key "a\\"b\\n"'])
})

t.test('known keys are found behind wrappers, in lists, records and alternatives', async (t) => {
  const meant = 'did you mean'
  t.same(issuesOf({ data: { prot: 1 } }), [`data: Unknown key "prot": ${meant} "port"?`])
  t.same(issuesOf({ targets: ['a', { target: 'b', port: 1, taget: 1 }] }), [
    `targets[1]: Unknown key "taget": ${meant} "target"?`
  ])
  t.same(issuesOf({ hosts: { 'a.example': { cert: '', crt: '' } } }), [
    `hosts["a.example"]: Unknown key "crt": ${meant} "cert"?`
  ])
  t.same(issuesOf({ pair: ['', { target: '', port: 1, prt: 1 }] }), [
    `pair[1]: Unknown key "prt": ${meant} "port"?`
  ])
  t.same(issuesOf({ both: { one: 1, two: 2, twoo: 2 } }), [
    `both: Unknown key "twoo": ${meant} "two"?`
  ])
  t.same(issuesOf({ store: { driver: 'redis', prefx: '' } }), [
    `store: Unknown key "prefx": ${meant} "prefix"?`
  ])
  t.same(issuesOf({ retries: { attempts: 1, atempts: 1 } }), [
    `retries: Unknown key "atempts": ${meant} "attempts"?`
  ])
  t.same(issuesOf({ tree: { brunch: 1 } }), [`tree: Unknown key "brunch": ${meant} "branch"?`])
})

t.test('an invalid key of a record is reported with the reason', async (t) => {
  t.match(issuesOf({ hosts: { 'a b': null } }), [
    /^hosts\["a b"\]: expected a host name or IP address/
  ])
})

t.test('without an intended alternative, the message of the union is used', async (t) => {
  t.same(issuesOf({ targets: [1] }), ['targets[0]: Invalid input'])
  t.match(issuesOf({ store: { driver: 'disk' } }), [/^store\.driver: .*'redis' \| 'embedded'/])
})

t.test('an issue at the top has no path', async (t) => {
  t.same(issuesOf('text'), ['Invalid input: expected object, received string'])
  t.same(issuesOf(undefined), ['Invalid input: expected object, received undefined'])
})
