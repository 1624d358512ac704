import { Worker } from 'node:worker_threads'
import { setTimeout as delay } from 'node:timers/promises'
import { guardPromise } from '@reliw/options'
import { RenderError } from './render-error.ts'
import type { Rendered } from './rendered.ts'
import type { RenderResult, RenderTask } from './render-thread.ts'

/**
 * Maximum CPU time for one page, the start of the thread included, in milliseconds; ordinary texts of a megabyte take a
 * third of it. Not elapsed time: on a busy machine the thread may have to wait.
 */
const CPU_LIMIT = 3000
/** Maximum elapsed time for one page, in milliseconds. */
const TIME_LIMIT = 30_000
/** Minimum time between two checks, in milliseconds. */
const SHORTEST_CHECK = 50
/** Time in which a thread has to say how much CPU time it has used, in milliseconds. */
const RESPONSE_TIMEOUT = 500
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
  #began = 0
  #thread: Worker | undefined
  /** CPU time that the thread had used when it was idle last, in milliseconds. */
  #used = 0
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
    this.#began = performance.now()
    this.#checkAfter(CPU_LIMIT, job)
    try {
      this.#thread ??= this.#start()
      this.#thread.postMessage(job.task)
    } catch (error) {
      this.#stop(
        new RenderError(`the rendering thread cannot be started: ${(error as Error).message}`)
      )
    }
  }

  #checkAfter(ms: number, job: Job): void {
    this.#timer = setTimeout(
      () => guardPromise(this.#check(job), (error) => this.#stop(error as Error)),
      ms
    )
  }

  /** Stops a rendering that has used its time, or checks again when it may have. */
  async #check(job: Job): Promise<void> {
    const total = this.#thread && (await cpuTimeOf(this.#thread))
    if (this.#current !== job) return
    const used = total === undefined ? 0 : total - this.#used
    if (used >= CPU_LIMIT || performance.now() - this.#began >= TIME_LIMIT)
      this.#stop(new RenderError('rendering takes too long'))
    else this.#checkAfter(Math.max(SHORTEST_CHECK, total === undefined ? 0 : CPU_LIMIT - used), job)
  }

  #start(): Worker {
    this.#used = 0
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
    this.#used = result.cpu
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

/**
 * CPU time of a thread, in milliseconds; Infinity when it has ended. Undefined when it does not respond: Node asks a busy
 * thread by an interrupt, which is lost while the thread starts.
 */
async function cpuTimeOf(thread: Worker): Promise<number | undefined> {
  try {
    const usage = await Promise.race([
      thread.cpuUsage(),
      delay(RESPONSE_TIMEOUT, undefined, { ref: false })
    ])
    return usage && (usage.user + usage.system) / 1000
  } catch {
    return Infinity
  }
}
