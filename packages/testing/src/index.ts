export {
  createAuthority,
  createCertificate,
  type Authority,
  type Certificate,
  type Validity
} from './certificate.ts'
export { fail } from './fail.ts'
export { freePort } from './free-port.ts'
export { respond, startOrigin, type Responder, type Origin, type OriginOptions } from './origin.ts'
export { HUNG_AFTER } from './hung.ts'
export { portOf } from './port-of.ts'
export { openHttp2, type SendHttp2, type Http2Response } from './http2-client.ts'
export { chooseSeed, randomFrom, seededRandom, TEST_LENGTH, type Random } from './random.ts'
export { openRaw, rawRequest, type RawClient, type RawRequestOptions } from './raw-client.ts'
export { startCluster, type RedisCluster, type RedisClusterOptions } from './redis-cluster.ts'
export { redisHasTls } from './redis-process.ts'
export { startSentinel, type RedisSentinel, type RedisSentinelOptions } from './redis-sentinel.ts'
export type { ReceivedRequest } from './received-request.ts'
export type { RedisAddress, RedisServer } from './redis-server.ts'
export type { ResponseCase } from './smuggling/response-case.ts'
export { smuggledResponses } from './smuggling/responses.ts'
export { startEcho, type EchoOrigin } from './smuggling/echo-origin.ts'
export { HOST as SMUGGLING_HOST, type RequestCase } from './smuggling/request-case.ts'
export { smuggledRequests } from './smuggling/requests.ts'
export { startScripted, type ScriptedOrigin } from './smuggling/scripted-origin.ts'
export { sendResponseCase } from './smuggling/send-response-case.ts'
export { spawnGuarded } from './spawn-guarded.ts'
export { sendRequestCase, type Pace, type ServerUnderTest } from './smuggling/send-request-case.ts'
export { startRedis, type RedisServerOptions } from './start-redis.ts'
export { tempDir } from './temp-dir.ts'
export type { TestContext } from './test-context.ts'
export { waitFor } from './wait-for.ts'
export { runProgram } from './run-program.ts'
