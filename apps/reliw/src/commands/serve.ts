import type { Config } from '../config.ts'
import { loadConfig } from '../load-config.ts'
import type { Shell } from '../shell.ts'
import { serve as serveSites } from '../serve.ts'

interface ServeOptions {
  config?: string
  port?: string
  metricsPort?: string
}

/** `reliw serve` */
export async function serve(shell: Shell, { config, ...ports }: ServeOptions): Promise<void> {
  await serveSites(loadConfig(config, shell, portsOf(ports)))
}

/** What is left out is as the config says. */
function portsOf({ port, metricsPort }: ServeOptions): Config {
  return {
    ...(port !== undefined && { port: Number(port) }),
    ...(metricsPort !== undefined && { metrics: { port: Number(metricsPort) } })
  }
}
