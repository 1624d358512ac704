import { Worker } from 'node:worker_threads'
import { RenderError } from './render-error.ts'
import type { Rendered } from './rendered.ts'
import type { RenderResult, RenderTask } from './render-thread.ts'

/** Maximum time for one page, in milliseconds; ordinary texts of a megabyte take a third of it. */
const TIME_LIMIT = 3000
/** Idle time after which the thread is terminated, in milliseconds. */
const IDLE = 10_000
/** Heap limit of the thread (old generation), in MiB. */
const MEMORY = 256

interface Job {
  task: RenderTask
  resolve: (rendered: Rendered) => void
  reject: (error: Error) => void
}

const script = new URL(
  import.meta.url.endsWith('.ts') ? './render-thread.ts' : './render-thread.js',
  import.meta.url
)

/** Renders sources one at a time in a thread, which is terminated when a source takes too long. */
export class Renderer {
  readonly #jobs: Job[] = []
  #current: Job | undefined
  #thread: Worker | undefined
  #timer: NodeJS.Timeout | undefined

  /** Rejects with RenderError when the source cannot be rendered, or not in time. */
  render(task: RenderTask): Promise<Rendered> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ task, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#stop(new RenderError('the server is closing'))
    for (const { reject } of this.#jobs.splice(0)) reject(new RenderError('the server is closing'))
  }

  #next(): void {
    if (this.#current !== undefined) return
    clearTimeout(this.#timer)
    const job = this.#jobs.shift()
    if (job === undefined) {
      this.#timer = setTimeout(() => this.#stop(), IDLE).unref()
      return
    }
    this.#current = job
    this.#timer = setTimeout(
      () => this.#stop(new RenderError('rendering takes too long')),
      TIME_LIMIT
    )
    try {
      this.#thread ??= this.#start()
      this.#thread.postMessage(job.task)
    } catch (error) {
      this.#stop(
        new RenderError(`the rendering thread cannot be started: ${(error as Error).message}`)
      )
    }
  }

  #start(): Worker {
    const thread = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: MEMORY } })
    thread.unref()
    thread.on('message', (result: RenderResult) => this.#finish(result))
    thread.on('error', (error) => {
      if (this.#thread === thread) this.#stop(new RenderError(error.message))
    })
    return thread
  }

  #finish(result: RenderResult): void {
    const job = this.#current
    this.#current = undefined
    if ('rendered' in result) job?.resolve(result.rendered)
    else job?.reject(new RenderError(result.failure))
    this.#next()
  }

  /** Terminates the thread and the rendering in progress. */
  #stop(reason?: Error): void {
    clearTimeout(this.#timer)
    const thread = this.#thread
    const job = this.#current
    this.#thread = undefined
    this.#current = undefined
    thread?.removeAllListeners('message')
    void thread?.terminate()
    if (reason !== undefined) job?.reject(reason)
    if (this.#jobs.length > 0) this.#next()
  }
}
