import type { Store } from '@reliw/model'

/** Whose cached responses are forgotten: those of a site, or of one of its users. */
export interface Forgotten {
  host: string
  /** As the auth server names the user; undefined: all users. */
  user?: string | undefined
}

/** Has all running servers forget cached responses of forward-auth servers, at once. */
export async function forgetForwardAuth(
  { driver, keys }: Store,
  { host, user }: Forgotten
): Promise<void> {
  const audit = { event: 'forget', host, user, by: 'cli' }
  const message = JSON.stringify({ forget_forward_auth: { host, user }, audit })
  await driver.publish(keys.channel('CTL'), message)
}
