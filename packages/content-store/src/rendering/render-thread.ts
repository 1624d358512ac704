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

/** The thread's reply. */
export type RenderResult = { rendered: Rendered } | { failure: string }

const renderers = { markdown: renderMarkdown, djot: renderDjot }

parentPort?.on('message', ({ format, source, options }: RenderTask) => {
  parentPort?.postMessage(attempt(() => renderers[format](source, options)))
})

function attempt(render: () => Rendered): RenderResult {
  try {
    return { rendered: render() }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}
