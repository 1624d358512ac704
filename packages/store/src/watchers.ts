import type { KeyListener } from '@reliw/model'

interface Watcher {
  prefix: string
  listener: KeyListener
}

/** Listeners for changed keys, by key prefix. */
export class Watchers {
  readonly #watchers = new Set<Watcher>()

  /** Returns a function that removes the listener. */
  add(prefix: string, listener: KeyListener): () => void {
    const watcher = { prefix, listener }
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  notify(keys: readonly string[] | undefined): void {
    for (const { prefix, listener } of this.#watchers) {
      const own = keys?.filter((key) => key.startsWith(prefix))
      if (own === undefined || own.length > 0) listener(own)
    }
  }
}
