import * as z from 'zod'
import { decodeJson } from './json.ts'

/** `SITE:<host>`: what holds for a site as a whole. */
export const Settings = z.strictObject({
  unsafe_html: z
    .boolean()
    .default(false)
    .describe('Let raw HTML in Markdown and Djot through: only where every author is trusted.')
})

export type Settings = z.output<typeof Settings>

/** What holds for a site that says nothing. */
export const defaultSettings: Settings = Settings.parse({})

export function decodeSettings(key: string, raw: Buffer): Settings {
  return decodeJson(key, Settings, raw)
}
