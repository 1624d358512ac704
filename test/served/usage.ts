import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds. */
export interface Usage {
  /** Resident memory in bytes, mapped files such as the embedded store's not counted. */
  readonly memory: number
  /** Files and sockets that are open. */
  readonly descriptors: number
}

const KIB = 1024

/**
 * Reads /proc.
 *
 * @throws Error when there is no such process (ENOENT), or no /proc
 */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const size = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * KIB
  return {
    memory: size('RssAnon') + size('RssShmem'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length
  }
}

/** Looks at a process again and again, and keeps the most that it held. */
export class Peak {
  #memory = 0
  #descriptors = 0
  readonly #pid: number
  readonly #timer: NodeJS.Timeout

  constructor(pid: number, everyMs = 20) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#look(), everyMs)
    this.#look()
  }

  /** Ends it. */
  stop(): Usage {
    clearInterval(this.#timer)
    this.#look()
    return { memory: this.#memory, descriptors: this.#descriptors }
  }

  #look(): void {
    try {
      const { memory, descriptors } = usageOf(this.#pid)
      this.#memory = Math.max(this.#memory, memory)
      this.#descriptors = Math.max(this.#descriptors, descriptors)
    } catch {
      // It has ended, which others see.
    }
  }
}
