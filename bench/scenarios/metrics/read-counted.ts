import { ask, type HttpResponse } from '../../harness/target.ts'

/** RELIW's histogram, and that of fastify-metrics: how many requests a series has. */
const COUNT = /^(?:reliw|http)_request_duration_seconds_count\{.*\} (\d+)$/gm

/**
 * How many requests the metrics on a port have; 0 where there are none.
 *
 * @throws Error when there should be, and are not
 */
export async function readCounted(port: number): Promise<number> {
  const response = await scrape(port)
  if (response === undefined || response.status === 404) return 0
  if (response.status !== 200) throw new Error(`the metrics are answered ${response.status}`)
  let sum = 0
  for (const [, count] of response.body.toString().matchAll(COUNT)) sum += Number(count)
  return sum
}

/** Undefined when nobody listens. */
async function scrape(port: number): Promise<HttpResponse | undefined> {
  try {
    return await ask({ port, host: 'localhost', path: '/metrics' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined
    throw error
  }
}
