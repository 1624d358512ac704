// What metrics and bans hear of the plugin.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TestContext } from '@reliw/testing'
import type { AuthEvent } from '../src/index.ts'

const KINDS = ['login', 'failure', 'logout'] as const

export interface Heard extends Partial<AuthEvent> {
  kind: (typeof KINDS)[number]
}

/** What is told on the plugin's channels until the test ends. */
export function hearEvents(t: TestContext): Heard[] {
  const heard: Heard[] = []
  for (const kind of KINDS) {
    const name = `reliw.auth.${kind}`
    const listener = (message: unknown): void =>
      void heard.push({ kind, ...(message as AuthEvent) })
    subscribe(name, listener)
    t.teardown(() => void unsubscribe(name, listener))
  }
  return heard
}
