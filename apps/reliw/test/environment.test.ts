import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toJsonSchema } from '@reliw/options'
import { tempDir, type TestContext } from '@reliw/testing'
import t from 'tap'
import { variableOf, variablesOf } from '../src/environment/variables.ts'
import type { Setting } from '../src/environment/settings.ts'
import { Config, ConfigError, loadConfig, type LoadedConfig } from '../src/index.ts'

interface Schema {
  properties?: Record<string, Schema>
  anyOf?: Schema[]
}

/** The keys in the published schema, those of lists and maps excepted. */
function keysBelow({ properties = {}, anyOf = [] }: Schema, path: string[] = []): string[][] {
  const own = Object.entries(properties).filter(([key]) => key !== '$schema')
  return [
    ...own.flatMap(([key, schema]) => [[...path, key], ...keysBelow(schema, [...path, key])]),
    ...anyOf.flatMap((schema) => keysBelow(schema, path))
  ]
}

/** Loads a config file with these variables, and these options of the command line. */
async function load(
  t: TestContext,
  env: NodeJS.ProcessEnv,
  { file = {}, flags = [] }: { file?: object; flags?: Setting[] } = {}
): Promise<LoadedConfig> {
  const dir = tempDir(t)
  await writeFile(join(dir, 'reliw.json'), JSON.stringify(file))
  return loadConfig(undefined, { env, cwd: () => dir }, { listens: true, flags })
}

async function issuesOf(t: TestContext, env: NodeJS.ProcessEnv, file = {}): Promise<string> {
  try {
    await load(t, env, { file })
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.join('\n')
    throw error
  }
  return ''
}

t.test('every key of the config has one variable, and no variable has two keys', async (t) => {
  const variables = variablesOf(Config)
  const keys = keysBelow(toJsonSchema(Config))
  t.strictSame(new Set([...variables.values()].map(String)), new Set(keys.map(String)))
  t.equal(new Set(keys.map(variableOf)).size, new Set(keys.map(String)).size)
  for (const [name, path] of variables) {
    t.match(name, /^RELIW_[A-Z0-9]+(?:__?[A-Z0-9]+)*$/)
    t.equal(name, variableOf(path))
  }
  t.same(variables.get('RELIW_METRICS__PORT'), ['metrics', 'port'])
})

t.test('a variable takes what its key takes', async (t) => {
  const { input, settings } = await load(t, {
    RELIW_PORT: '8081',
    RELIW_LOG_LEVEL: 'warn',
    RELIW_BACKLOG: '512',
    RELIW_MAX_BODY_SIZE: '20MiB',
    RELIW_CACHE_MAX_SIZE: '4096',
    RELIW_KEEPALIVE_IDLE_TIMEOUT: '2m',
    RELIW_DRAIN_TIMEOUT: '1.5',
    RELIW_TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1',
    RELIW_LOG_HEADERS: 'referer',
    RELIW_COMPRESSION__ENABLED: 'false',
    RELIW_REDIS__AUTH: '12345',
    RELIW_REDIS__SSL: 'true',
    RELIW_REDIS__SENTINELS: '[{"host": "sentinel-1"}]',
    RELIW_TRACING__HEADERS: '{"authorization": "Bearer x"}',
    RELIW_AUTO_BAN__NOT_FOUND__THRESHOLD: '50',
    RELIW_DATA_DIR: '"[files]"',
    RELIW_IPV6: ''
  })
  t.strictSame(input, {
    port: 8081,
    log_level: 'warn',
    backlog: 512,
    max_body_size: '20MiB',
    cache_max_size: '4096',
    keepalive_idle_timeout: '2m',
    drain_timeout: 1.5,
    trusted_proxies: ['10.0.0.0/8', '127.0.0.1'],
    log_headers: ['referer'],
    compression: { enabled: false },
    redis: { auth: '12345', ssl: true, sentinels: [{ host: 'sentinel-1' }] },
    tracing: { headers: { authorization: 'Bearer x' } },
    auto_ban: { not_found: { threshold: 50 } },
    data_dir: '[files]'
  })
  t.match(settings, { drain_timeout: 1500, cache_max_size: 4096, ipv6: undefined })
})

t.test(
  'options take precedence over variables, variables over PORT, PORT over the file',
  async (t) => {
    const file = {
      port: 1,
      ip: '127.0.0.2',
      backlog: 7,
      metrics: { port: 2, scan_limit: 10 },
      redis: { ssl: true }
    }
    const env = {
      PORT: '3',
      HOST: 'localhost',
      RELIW_METRICS__PORT: '4',
      RELIW_REDIS__SSL__CA: 'ca.pem'
    }
    const flags = [{ path: ['metrics', 'port'], value: 6, from: '--metrics-port' }]
    t.match((await load(t, {}, { file })).settings, { port: 1, ip: '127.0.0.2' })
    const { settings, overrides } = await load(t, env, { file })
    t.match(settings, {
      port: 3,
      ip: '127.0.0.1',
      backlog: 7,
      metrics: { port: 4, scan_limit: 10 },
      redis: { ssl: { ca: 'ca.pem' } }
    })
    t.same(overrides, ['$PORT', '$HOST', '$RELIW_METRICS__PORT', '$RELIW_REDIS__SSL__CA'])
    const all = await load(t, { ...env, RELIW_PORT: '5', RELIW_IP: '::1' }, { file, flags })
    t.match(all.settings, { port: 5, ip: '::1', metrics: { port: 6, scan_limit: 10 } })
    const whole = { RELIW_METRICS: '{"disabled": true}', RELIW_METRICS__PORT: '4' }
    t.same((await load(t, whole, { file })).input.metrics, { disabled: true, port: 4 })
  }
)

t.test('only commands that listen read PORT and HOST', async (t) => {
  const env = { PORT: 'none', HOST: 'x86_64-conda-linux-gnu' }
  const { settings } = loadConfig(undefined, { env, cwd: () => tempDir(t) })
  t.match(settings, { ip: '127.0.0.1', port: 8080 })
  const issues = await issuesOf(t, env)
  t.match(issues, /^ip: expected an IP address.* \(\$HOST\)$/m)
  t.match(issues, /^port: .* \(\$PORT\)$/m)
})

t.test('a variable that no key has is an error that names the nearest one', async (t) => {
  for (const [name, line] of [
    [
      'RELIW_METRICS_PORT',
      'RELIW_METRICS_PORT: unknown variable: did you mean RELIW_METRICS__PORT?'
    ],
    [
      'RELIW_CACHE_MAXSIZE',
      'RELIW_CACHE_MAXSIZE: unknown variable: did you mean RELIW_CACHE_MAX_SIZE?'
    ],
    ['RELIW_CONFIGFILE', 'RELIW_CONFIGFILE: unknown variable: did you mean RELIW_CONFIG_FILE?'],
    ['RELIW_QQ', 'RELIW_QQ: unknown variable'],
    [
      'RELIW_TRACING__HEADERS__AUTHORIZATION',
      'RELIW_TRACING__HEADERS__AUTHORIZATION: unknown variable: set RELIW_TRACING__HEADERS as a whole, in JSON'
    ],
    [
      'RELIW_REDIS__SENTINELS__0__HOST',
      'RELIW_REDIS__SENTINELS__0__HOST: unknown variable: set RELIW_REDIS__SENTINELS as a whole, in JSON'
    ]
  ] as const) {
    t.equal(await issuesOf(t, { [name]: 'x' }), line)
  }
})

t.test('issues name the variable, not its value, beside the issues of the file', async (t) => {
  const issues = await issuesOf(
    t,
    {
      RELIW_BACKLOG: 'hunter2',
      RELIW_TRUSTED_PROXIES: '127.0.0.1,hunter2',
      RELIW_REDIS__AUTH: '{hunter2',
      RELIW_METRICS: '{"prt": 1}'
    },
    { prot: 1 }
  )
  t.match(issues, /^RELIW_REDIS__AUTH: invalid JSON/m)
  t.match(issues, /^backlog: .* \(\$RELIW_BACKLOG\)$/m)
  t.match(issues, /^trusted_proxies\[1\]: .* \(\$RELIW_TRUSTED_PROXIES\)$/m)
  t.match(issues, /^metrics: Unknown key "prt": did you mean "port"\? \(\$RELIW_METRICS\)$/m)
  t.match(issues, /^Unknown key "prot": did you mean "port"\?$/m)
  t.notMatch(issues, 'hunter2')
})

t.test('variables of a Kubernetes service are no settings', async (t) => {
  const { input } = await load(t, {
    RELIW_SERVICE_HOST: '10.0.0.1',
    RELIW_SERVICE_PORT: '8080',
    RELIW_SERVICE_PORT_HTTP: '8080',
    RELIW_PORT: 'tcp://10.0.0.1:8080',
    RELIW_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    RELIW_PORT_8080_TCP_ADDR: '10.0.0.1',
    RELIW_REDIS_SERVICE_HOST: '10.0.0.2',
    RELIW_REDIS_PORT: 'tcp://10.0.0.2:6379',
    RELIW_REDIS_PORT_6379_TCP_PROTO: 'tcp'
  })
  t.same(input, {})
})
