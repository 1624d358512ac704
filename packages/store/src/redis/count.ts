import type { Count, Counted } from '@reliw/model'
import { Cluster, type Redis } from 'ioredis'
import { isNotCounter } from '../errors.ts'

/**
 * Adds to each counter independently. Rejects with Redis' error when none was added but a later attempt may succeed.
 *
 * A PING first makes sure that a standalone Redis responds. A Redis that stalls after the PING usually executes the
 * increments once it resumes: increments whose reply timed out count as added, since a second attempt would count them
 * twice.
 */
export async function countEach(
  client: Redis | Cluster,
  counts: readonly Count[]
): Promise<Counted> {
  if (!(client instanceof Cluster)) await client.ping()
  const errors = await (client instanceof Cluster
    ? sendEach(client, counts)
    : sendTogether(client, counts))
  const counted: Counted = { refused: [], left: [] }
  let cause: Error | undefined
  for (const [at, count] of counts.entries()) {
    const error = errors[at]
    if (!error || isLate(error)) continue
    if (isNotCounter(error)) counted.refused.push(count)
    else {
      cause = error
      counted.left.push(count)
    }
  }
  if (cause !== undefined && counted.left.length === counts.length) throw cause
  return counted
}

type Outcome = Error | null

async function sendTogether(client: Redis, counts: readonly Count[]): Promise<Outcome[]> {
  const pipeline = client.pipeline()
  for (const { key, field, by } of counts) pipeline.hincrby(key, field, by)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error]) => error)
}

/** Keys of a cluster live on different servers, which share no pipeline. */
function sendEach(cluster: Cluster, counts: readonly Count[]): Promise<Outcome[]> {
  const send = ({ key, field, by }: Count): Promise<Outcome> =>
    cluster.hincrby(key, field, by).then(
      () => null,
      (error: Error) => error
    )
  return Promise.all(counts.map(send))
}

/** Whether the error is ioredis' command timeout. */
function isLate({ message }: Error): boolean {
  return message === 'Command timed out'
}
