import { Agent, request } from 'node:http'

/** What a flood was answered: how often each status, 0 for none. */
export type Answers = ReadonlyMap<number, number>

/** Asks for many paths of one host, by a few connections that are kept. */
export async function flood(
  port: number,
  host: string,
  paths: Iterable<string>,
  connections = 16
): Promise<Answers> {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    localAddress: '127.0.0.9'
  })
  const answers = new Map<number, number>()
  const iterator = paths[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const status = await ask(agent, port, host, next.value)
      answers.set(status, (answers.get(status) ?? 0) + 1)
      if (status === 0 && (answers.get(0) ?? 0) > 1000) return
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  agent.destroy()
  return answers
}

function ask(agent: Agent, port: number, host: string, path: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const asked = request({ agent, port, host: '127.0.0.1', path, headers: { host } })
  asked
    .on('error', () => resolve(0))
    .on('response', (response) => {
      response.on('error', () => resolve(0)).on('end', () => resolve(response.statusCode ?? 0))
      response.resume()
    })
  asked.end()
  return promise
}

/** Different paths, of the length that scanners use. */
export function* missingPaths(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    yield `/missing/${index.toString(36).padStart(8, '0')}/wp-content/plugins/${index}.php`
  }
}
