import { Duration, ListenPort } from '@reliw/options'
import * as z from 'zod'

const Address = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: ListenPort.default(6379)
})

const Tls = z.strictObject({
  ca: z.string().optional().describe('File with the certificates to trust (PEM).'),
  cert: z
    .string()
    .optional()
    .describe('File with our certificate, where Redis asks for one (PEM).'),
  key: z.string().optional().describe('File with the key of `cert` (PEM).'),
  servername: z.string().optional().describe('Name to ask for and to verify; the host by default.')
})

const Auth = z.strictObject({
  user: z.string().optional(),
  pass: z.string()
})

const Prefix = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 letters, digits, "_", "." or "-"')

export const RedisOptions = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Host of a standalone Redis.'),
    port: ListenPort.default(6379).describe('Port of a standalone Redis.'),
    db: z.int().min(0).default(13).describe('Database number; Cluster has only 0 and ignores it.'),
    prefix: Prefix.default('RLW').describe('What every key begins with.'),
    timeout: Duration.prefault('1s').describe('How long connecting, or one command, may take.'),
    auth: z
      .union([z.string(), Auth])
      .optional()
      .describe('Password, or { user, pass }. Verified before anything else is sent.'),
    ssl: z
      .union([z.boolean(), Tls])
      .default(false)
      .describe('TLS to Redis, verified. `true`: trust the system’s certificates.'),
    sentinels: z.array(Address).min(1).optional().describe('Sentinels to ask who the master is.'),
    name: z.string().default('mymaster').describe('The master’s name in Sentinel.'),
    sentinel_auth: z.union([z.string(), Auth]).optional().describe('Login of the sentinels.'),
    cluster: z.array(Address).min(1).optional().describe('Nodes of a Redis Cluster to start from.')
  })
  .refine((redis) => !(redis.sentinels && redis.cluster), {
    message: 'sentinels and cluster exclude each other'
  })

/** What a user writes. */
export type RedisOptions = z.input<typeof RedisOptions>
/** What the driver runs on: durations in milliseconds. */
export type RedisSettings = z.output<typeof RedisOptions>
