import { test } from 'tap'
import { TracingConfig } from '../src/tracing/options.ts'

/** What is said of a config. */
function issuesOf(config: unknown): string {
  const { error } = TracingConfig.safeParse(config)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).join()
}

test('an empty object is enough', (t) => {
  t.strictSame(TracingConfig.parse({}), {
    endpoint: 'http://127.0.0.1:4318/v1/traces',
    headers: {},
    sample_ratio: 0.1,
    service_name: 'reliw',
    timeout: 10_000
  })
  t.end()
})

test('invalid options are refused when the config is loaded', (t) => {
  const wrong: [object, RegExp][] = [
    [{ endpoint: 'collector:4317' }, /^endpoint: expected a URL with http or https/],
    [{ endpoint: 'grpc://collector:4317' }, /^endpoint: expected a URL with http or https/],
    [{ sample_ratio: 1.1 }, /^sample_ratio/],
    [{ sample_ratio: '10%' }, /^sample_ratio/],
    [{ service_name: '' }, /^service_name/],
    [{ timeout: 0 }, /^timeout: expected at most a minute/],
    [{ timeout: '2m' }, /^timeout/],
    [{ headers: { 'a b': 'x' } }, /^headers/],
    [{ headers: { a: 'x\r\nb: y' } }, /^headers\.a: not a valid header value/],
    [{ ratio: 1 }, /ratio/]
  ]
  for (const [config, issue] of wrong) t.match(issuesOf(config), issue)
  t.end()
})

test('credentials in the URL are refused, and not repeated in the message', (t) => {
  t.match(issuesOf({ endpoint: 'https://ada:s3cret@collector.example/' }), /^endpoint: put cred/)
  const wrong = { endpoint: 'https://ada:s3cret@x/', headers: { a: 's3cret\n', 's3cret\n': 'a' } }
  t.notMatch(issuesOf({ ...wrong, headers: { a: 's3cret\n' } }), /s3cret/)
  t.end()
})
