import { once } from 'node:events'

/** Has node's inspector listen. */
export const INSPECTED = '--inspect=127.0.0.1:0'

/** What the inspector tells of a heap, in bytes. */
interface HeapUsage {
  readonly usedSize: number
  /** Of array buffers, beside the heap. */
  readonly backingStorageSize: number
}

/**
 * Bytes of objects and buffers that a process holds, its garbage collected first.
 *
 * @param url of its inspector
 * @throws when the inspector cannot be connected to
 */
export async function heldMemory(url: string): Promise<number> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  try {
    await ask(socket, 'HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize } = (await ask(
      socket,
      'Runtime.getHeapUsage'
    )) as HeapUsage
    return usedSize + backingStorageSize
  } finally {
    socket.close()
  }
}

async function ask(socket: WebSocket, method: string): Promise<unknown> {
  socket.send(JSON.stringify({ id: 1, method }))
  const [event] = (await once(socket, 'message')) as [{ data: string }]
  return (JSON.parse(event.data) as { result: unknown }).result
}
