import { syncBuiltinESMExports } from 'node:module'
import workers from 'node:worker_threads'
import t from 'tap'
import { RenderError } from '../../src/rendering/render-error.ts'
import { Renderer } from '../../src/rendering/renderer.ts'

const task = { format: 'markdown', source: '# Hello', options: {} } as never

t.test('a thread that cannot be started fails its page, and no later one', async (t) => {
  const renderer = new Renderer()
  t.teardown(() => renderer.close())
  const { Worker } = workers
  t.teardown(() => replaceWorker(Worker))
  replaceWorker(function noMore() {
    throw new Error('no more of them')
  })
  for (let pages = 0; pages < 2; pages++)
    await t.rejects(
      renderer.render(task),
      new RenderError('the rendering thread cannot be started: no more of them')
    )
  replaceWorker(Worker)
  t.ok(await renderer.render(task))
})

/** Has node give this class to those who import it. */
function replaceWorker(by: unknown): void {
  Object.assign(workers, { Worker: by })
  syncBuiltinESMExports()
}
