import type { Config } from '../config.ts'
import { loadConfig } from '../load-config.ts'
import type { Shell } from '../shell.ts'
import { serve as serveSites } from '../serve.ts'

interface ServeOptions {
  config?: string
  port?: number
  metricsPort?: number
}

/** `reliw serve` */
export async function serve(shell: Shell, { config, ...ports }: ServeOptions): Promise<void> {
  await serveSites(loadConfig(config, shell, portsOf(ports)))
}

/** Options of the config that the command line sets; others keep the config's value. */
function portsOf({ port, metricsPort }: ServeOptions): Config {
  return {
    ...(port !== undefined && { port }),
    ...(metricsPort !== undefined && { metrics: { port: metricsPort } })
  }
}
