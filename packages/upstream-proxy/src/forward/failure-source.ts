import { clientBlock } from '@reliw/options'
import type { FailureSource } from '../policy/failure-tally.ts'
import type { ForwardedRequest } from './forwarded-request.ts'

/** The client that quotas and failures are counted for: the network of an address, as one client may have all of it. */
export function clientOf(ip: string): string {
  return clientBlock(ip) ?? ip
}

/** The client and path of a request, to count its failure for. */
export function failureSource({ received, reply }: ForwardedRequest): FailureSource {
  const [path = ''] = (reply.request.raw.url ?? '').split('?', 1)
  return { client: clientOf(received.clientIp), path }
}
