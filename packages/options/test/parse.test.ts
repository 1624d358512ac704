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

function mistakes(input: unknown): string[] {
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

t.test('every mistake is told at once, with its owner and path', async (t) => {
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
  t.same(mistakes({ cache_maxsize: 1 }), [
    'Unknown key "cache_maxsize": did you mean "cache_max_size"?'
  ])
  t.same(mistakes({ cacheMaxSize: 1 }), [
    'Unknown key "cacheMaxSize": did you mean "cache_max_size"?'
  ])
  t.same(mistakes({ dta: 1, Timeout: 1 }), [
    'Unknown key "dta": did you mean "data"?',
    'Unknown key "Timeout": did you mean "timeout"?'
  ])
})

t.test('a key that is near no other gets no suggestion', async (t) => {
  t.same(mistakes({ colour: 1 }), ['Unknown key "colour"'])
  t.same(mistakes({ x: 1 }), ['Unknown key "x"'])
  t.same(mistakes({ ['data'.repeat(50)]: 1 }), [`Unknown key "${'data'.repeat(50)}"`])
  t.same(mistakes({ data: { 'a"b\n': 1 } }), ['data: Unknown key "a\\"b\\n"'])
})

t.test('known keys are found behind wrappers, in lists, records and alternatives', async (t) => {
  const meant = 'did you mean'
  t.same(mistakes({ data: { prot: 1 } }), [`data: Unknown key "prot": ${meant} "port"?`])
  t.same(mistakes({ targets: ['a', { target: 'b', port: 1, taget: 1 }] }), [
    `targets[1]: Unknown key "taget": ${meant} "target"?`
  ])
  t.same(mistakes({ hosts: { 'a.example': { cert: '', crt: '' } } }), [
    `hosts["a.example"]: Unknown key "crt": ${meant} "cert"?`
  ])
  t.same(mistakes({ pair: ['', { target: '', port: 1, prt: 1 }] }), [
    `pair[1]: Unknown key "prt": ${meant} "port"?`
  ])
  t.same(mistakes({ both: { one: 1, two: 2, twoo: 2 } }), [
    `both: Unknown key "twoo": ${meant} "two"?`
  ])
  t.same(mistakes({ store: { driver: 'redis', prefx: '' } }), [
    `store: Unknown key "prefx": ${meant} "prefix"?`
  ])
  t.same(mistakes({ retries: { attempts: 1, atempts: 1 } }), [
    `retries: Unknown key "atempts": ${meant} "attempts"?`
  ])
  t.same(mistakes({ tree: { brunch: 1 } }), [`tree: Unknown key "brunch": ${meant} "branch"?`])
})

t.test('a bad key of a record is told with what is wrong about it', async (t) => {
  t.match(mistakes({ hosts: { 'a b': null } }), [
    /^hosts\["a b"\]: expected a host name or IP address/
  ])
})

t.test('when no alternative is meant, the union speaks', async (t) => {
  t.same(mistakes({ targets: [1] }), ['targets[0]: Invalid input'])
  t.match(mistakes({ store: { driver: 'disk' } }), [/^store\.driver: .*'redis' \| 'embedded'/])
})

t.test('a mistake at the top has no path', async (t) => {
  t.same(mistakes('text'), ['Invalid input: expected object, received string'])
  t.same(mistakes(undefined), ['Invalid input: expected object, received undefined'])
})
