import { loadConfig } from '../load-config.ts'
import * as upstreams from '../operations/upstreams.ts'
import { say, type Shell } from '../shell.ts'
import { toTable } from './table.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

/** `reliw upstream list` */
export async function listUpstreams(
  shell: Shell,
  options: Configured & { json?: boolean }
): Promise<void> {
  const all = await withStore(loadConfig(options.config, shell), upstreams.listUpstreams)
  if (options.json) return say(shell, JSON.stringify({ upstreams: all.map(toJson) }))
  if (all.length === 0) return say(shell, 'The store has no upstreams.')
  const rows = all.flatMap(({ name, targets }) =>
    targets === undefined
      ? [[name, '', '', '', 'invalid']]
      : targets.map((target) => [
          name,
          upstreams.nameOfTarget(target),
          target.scheme,
          String(target.weight),
          stateOf(target)
        ])
  )
  for (const line of toTable(['upstream', 'target', 'scheme', 'weight', 'state'], rows))
    say(shell, line)
}

/** `reliw upstream drain NAME TARGET` */
export async function drainTarget(
  shell: Shell,
  name: string,
  target: string,
  options: Configured & { force?: boolean }
): Promise<void> {
  const done = await withStore(loadConfig(options.config, shell), async (store) =>
    upstreams.drainTarget(store, { name, target, isDrained: true, isForced: options.force })
  )
  const what = done.isChanged ? 'draining: it gets no further requests' : 'already draining'
  say(shell, `${name}: ${done.target} is ${what}.`)
}

/** `reliw upstream undrain NAME TARGET` */
export async function undrainTarget(
  shell: Shell,
  name: string,
  target: string,
  options: Configured
): Promise<void> {
  const done = await withStore(loadConfig(options.config, shell), async (store) =>
    upstreams.drainTarget(store, { name, target, isDrained: false })
  )
  say(shell, `${name}: ${done.target} is ${done.isChanged ? 'in use again' : 'already in use'}.`)
}

function stateOf({ drain }: { drain?: true }): string {
  return drain === true ? 'draining' : 'in use'
}

/** An upstream as JSON; `targets` is null when the stored value is invalid. */
function toJson({ name, targets }: upstreams.StoredUpstream): object {
  if (targets === undefined) return { upstream: name, targets: null }
  return {
    upstream: name,
    targets: targets.map((target) => ({
      target: upstreams.nameOfTarget(target),
      scheme: target.scheme,
      weight: target.weight,
      state: stateOf(target)
    }))
  }
}
