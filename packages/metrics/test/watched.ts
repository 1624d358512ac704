import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StoreOptions } from '@reliw/store'
import type { TestContext } from '@reliw/testing'

const file = fileURLToPath(new URL('watched-process.ts', import.meta.url))

/** A process with metrics that reports what it holds. */
export interface Watched {
  child: ChildProcess
  /** Of its listener. */
  url: string
  /** Runs a command of watched-process.ts. */
  run: (command: string) => Promise<unknown>
}

/** @param descriptors how many it may have; default: as many as we */
export async function startWatched(
  t: TestContext,
  options: StoreOptions,
  descriptors?: number
): Promise<Watched> {
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors} && `
  const args = ['--conditions=@reliw/source', '--expose-gc', file, JSON.stringify(options)]
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, process.execPath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const next = async (): Promise<unknown> => {
    const [{ response }] = (await once(child, 'message')) as [{ response: unknown }]
    return response
  }
  return {
    child,
    url: String(await next()),
    async run(command) {
      const response = next()
      child.send(command)
      return response
    }
  }
}
