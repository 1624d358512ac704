import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toJsonSchema } from '@reliw/options'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { Config, ConfigError, loadConfig } from '../src/index.ts'

t.test('the defaults are those of RELIW', async (t) => {
  const { settings } = loadConfig(undefined)
  t.match(settings, {
    ip: '127.0.0.1',
    port: 8080,
    cache_max_size: 5_242_880,
    backlog: 256,
    requests_per_fork: 512,
    max_body_size: 5_242_880,
    request_line_limit: 8192,
    keepalive_idle_timeout: 15_000,
    request_header_timeout: 10_000,
    request_body_timeout: 30_000,
    tls_handshake_timeout: 10_000,
    log_headers: ['referer', 'x-real-ip', 'user-agent'],
    compression: { enabled: true, min_size: 4096 }
  })
  const { redis } = Config.parse({ redis: {} })
  t.match(redis, { host: '127.0.0.1', port: 6379, db: 13, prefix: 'RLW' })
})

t.test('every validation issue is reported at once, with the nearest known key', async (t) => {
  const file = join(tempDir(t), 'reliw.json')
  const wrong = {
    cache_maxsize: 1,
    port: 99_999,
    request_header_timeout: 'soon',
    redis: { prt: 1 }
  }
  await writeFile(file, JSON.stringify(wrong))
  t.throws(() => loadConfig(file), ConfigError)
  try {
    loadConfig(file)
  } catch (error) {
    const issues = (error as ConfigError).issues.join('\n')
    t.match(issues, /"cache_maxsize": did you mean "cache_max_size"\?/)
    t.match(issues, /^port: /m)
    t.match(issues, /^request_header_timeout: /m)
    t.match(issues, /"prt": did you mean "port"\?/)
  }
})

t.test('a missing or malformed file is reported', async (t) => {
  const dir = tempDir(t)
  t.throws(() => loadConfig(join(dir, 'none.json')), /Invalid configuration/)
  await writeFile(join(dir, 'bad.json'), '{')
  t.throws(() => loadConfig(join(dir, 'bad.json')), /Invalid configuration/)
})

t.test('durations and sizes are numbers, or strings with a unit', async (t) => {
  const settings = Config.parse({ keepalive_idle_timeout: '2m', max_body_size: '5MiB' })
  t.equal(settings.keepalive_idle_timeout, 120_000)
  t.equal(settings.max_body_size, 5_242_880)
})

t.test('a config with TLS is refused, so that nothing is sent unencrypted', async (t) => {
  const result = Config.safeParse({ ssl: { default: { cert: 'a', key: 'b' } } })
  t.match(result.error?.issues, [{ path: ['ssl'] }])
})

t.test('the published schema is current', async (t) => {
  const file = await readFile(new URL('../config.schema.json', import.meta.url), 'utf8')
  t.same(JSON.parse(file), toJsonSchema(Config), 'run `npm run schema`')
})
