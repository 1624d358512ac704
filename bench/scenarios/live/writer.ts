import { join } from 'node:path'
import { endChild, spawnChild } from '../../harness/child.ts'
import type { Change, Times, WriterTarget } from './change.ts'

/** A process that makes changes, one at a time. */
export interface Writer {
  write: (change: Change) => Promise<Times>
  stop: () => Promise<void>
}

const PROGRAM = join(import.meta.dirname, '../../programs/writer.ts')

/** How long a change may take to be acknowledged, in milliseconds. */
const PATIENCE = 10_000

/** Starts a writer and resolves when it has opened what it writes to. */
export async function startWriter(target: WriterTarget): Promise<Writer> {
  const node = [process.execPath, '--conditions=@reliw/source']
  const child = spawnChild([...node, PROGRAM, JSON.stringify(target)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  let message = Promise.withResolvers<unknown>()
  const nextMessage = async (): Promise<unknown> => {
    const timer = setTimeout(() => message.reject(new Error('no change in time')), PATIENCE)
    try {
      return await message.promise
    } finally {
      clearTimeout(timer)
      message = Promise.withResolvers()
    }
  }
  child.on('message', (received) => message.resolve(received))
  child.on('exit', () => {
    // In the end nobody waits for a response any more.
    message.promise.catch(() => undefined)
    message.reject(new Error('the writer exited'))
  })
  await nextMessage()
  return {
    async write(change) {
      child.send(change)
      const { sent, acknowledged } = (await nextMessage()) as Record<keyof Times, string>
      return { sent: BigInt(sent), acknowledged: BigInt(acknowledged) }
    },
    stop: () => endChild(child)
  }
}
