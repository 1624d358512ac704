import type { KeyListener } from '@reliw/model'

interface Watcher {
  prefix: string
  listener: KeyListener
}

/** Who is to be told of changes of keys that he cannot name beforehand. */
export class Watchers {
  readonly #watchers = new Set<Watcher>()

  /** Returns how to stop. */
  add(prefix: string, listener: KeyListener): () => void {
    const watcher = { prefix, listener }
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  tell(keys: readonly string[] | undefined): void {
    for (const { prefix, listener } of this.#watchers) {
      const own = keys?.filter((key) => key.startsWith(prefix))
      if (own === undefined || own.length > 0) listener(own)
    }
  }
}
