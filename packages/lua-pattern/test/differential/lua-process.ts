import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('answer.lua', import.meta.url))
const BATCH = 2000

/** A process of a real Lua that answers questions in batches. */
export interface LuaProcess {
  /** The answers to `questions`, in their order. */
  ask(questions: string[]): Promise<string[]>
  stop(): void
}

/** Whether the interpreter is on the PATH. */
export function hasInterpreter(name: string): boolean {
  return spawnSync(name, ['-v']).error === undefined
}

/** Starts the interpreter called `name`. */
export function startLua(name: string): LuaProcess {
  const child = spawn(name, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function askBatch(questions: string[]): Promise<string[]> {
    child.stdin.write(`${questions.join('\n')}\n\n`)
    const batch: string[] = []
    while (batch.length < questions.length) {
      // oxlint-disable-next-line no-await-in-loop
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${name} ended before it had answered`)
      batch.push(value)
    }
    return batch
  }

  return {
    async ask(questions) {
      const all: string[] = []
      for (let i = 0; i < questions.length; i += BATCH) {
        // oxlint-disable-next-line no-await-in-loop
        all.push(...(await askBatch(questions.slice(i, i + BATCH))))
      }
      return all
    },
    stop() {
      child.stdin.end()
    }
  }
}
