import type { Setting } from '../environment/settings.ts'
import { loadConfig } from '../load-config.ts'
import type { Shell } from '../shell.ts'
import { serve as serveSites } from '../serve.ts'

interface ServeOptions {
  config?: string
  ip?: string
  port?: number
  metricsPort?: number
  verbose?: boolean
}

/** `reliw serve [FOLDER]` */
export async function serve(
  shell: Shell,
  folder: string | undefined,
  { config, verbose = false, ...options }: ServeOptions
): Promise<void> {
  const loaded = loadConfig(config, shell, { listens: true, flags: settingsOf(options) })
  if (folder === undefined) return serveSites(loaded, { isVerbose: verbose })
  const { idleBesideFolder, useFolder } = await import('../use-folder.ts')
  const idle = idleBesideFolder(loaded.input)
  await serveSites(await useFolder(loaded, folder), { isVerbose: verbose, folder, idle })
}

/** The settings that options of the command line are. */
function settingsOf({ ip, port, metricsPort }: ServeOptions): Setting[] {
  const all: Setting[] = [
    { path: ['ip'], value: ip, from: '--ip' },
    { path: ['port'], value: port, from: '--port' },
    { path: ['metrics', 'port'], value: metricsPort, from: '--metrics-port' }
  ]
  return all.filter(({ value }) => value !== undefined)
}
