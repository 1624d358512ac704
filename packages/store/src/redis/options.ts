import { Duration, ListenPort } from '@reliw/options'
import * as z from 'zod'

const Address = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Host name or address.'),
  port: ListenPort.default(6379).describe('Port.')
})

const Tls = z.strictObject({
  ca: z.string().optional().describe('File with the CA certificates to trust (PEM).'),
  cert: z
    .string()
    .optional()
    .describe('File with the client certificate, if Redis requires one (PEM).'),
  key: z.string().optional().describe('File with the key of `cert` (PEM).'),
  servername: z
    .string()
    .optional()
    .describe('Server name to send and to verify. Default: the host.')
})

const Auth = z.strictObject({
  user: z.string().optional().describe('User name.'),
  pass: z.string().describe('Password.')
})

const Prefix = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 letters, digits, "_", "." or "-"')

export const RedisOptions = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Host of a standalone Redis.'),
    port: ListenPort.default(6379).describe('Port of a standalone Redis.'),
    db: z.int().min(0).default(13).describe('Database number; Cluster has only 0 and ignores it.'),
    prefix: Prefix.default('RLW').describe('Prefix of every key.'),
    timeout: Duration.prefault('1s').describe('How long connecting, or one command, may take.'),
    auth: z
      .union([z.string(), Auth])
      .optional()
      .describe('Password, or { user, pass }. Sent and verified before any other command.'),
    ssl: z
      .union([z.boolean(), Tls])
      .default(false)
      .describe(
        'TLS to Redis, with verification. `true`: trust the CA certificates of the system.'
      ),
    sentinels: z
      .array(Address)
      .min(1)
      .optional()
      .describe('Sentinels, which name the current master.'),
    name: z.string().default('mymaster').describe('Name of the master in Sentinel.'),
    sentinel_auth: z
      .union([z.string(), Auth])
      .optional()
      .describe('Password of the sentinels, or { user, pass }.'),
    cluster: z
      .array(Address)
      .min(1)
      .optional()
      .describe('Some nodes of a Redis Cluster, which name the others.')
  })
  .refine((redis) => !(redis.sentinels && redis.cluster), {
    message: 'sentinels and cluster exclude each other'
  })

/** Options as an operator writes them. */
export type RedisOptions = z.input<typeof RedisOptions>
/** Parsed options: durations in milliseconds. */
export type RedisSettings = z.output<typeof RedisOptions>
