/** The script of the rendering thread. Some sources take the libraries minutes, and only a thread can be stopped. */

import { parentPort } from 'node:worker_threads'
import { renderDjot } from './djot.ts'
import { renderMarkdown } from './markdown.ts'
import type { Rendered, RenderOptions } from './rendered.ts'

/** A message to the thread. */
export interface RenderTask {
  format: 'markdown' | 'djot'
  source: string
  options: RenderOptions
}

type Outcome = { rendered: Rendered } | { failure: string }

/** The thread's reply, with the CPU time that the thread has used so far, in milliseconds. */
export type RenderResult = Outcome & { cpu: number }

const renderers = { markdown: renderMarkdown, djot: renderDjot }

parentPort?.on('message', ({ format, source, options }: RenderTask) => {
  const outcome = attempt(() => renderers[format](source, options))
  const { user, system } = process.threadCpuUsage()
  parentPort?.postMessage({ ...outcome, cpu: (user + system) / 1000 })
})

function attempt(render: () => Rendered): Outcome {
  try {
    return { rendered: render() }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}
