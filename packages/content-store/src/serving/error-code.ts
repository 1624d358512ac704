const CODE = /^[A-Z][A-Z0-9_]{1,63}$/
const NAME = /^[A-Z][A-Za-z0-9]{1,63}$/

/**
 * What an error is known by in a log: its code, such as `RELIW_CONTENT_NOT_FOUND`, else its name, such as `TypeError`.
 *
 * security: what looks otherwise may have been made of what a client sent.
 */
export function errorCodeOf({
  code,
  name
}: {
  code?: unknown
  name?: unknown
}): string | undefined {
  if (typeof code === 'string' && CODE.test(code)) return code
  return typeof name === 'string' && NAME.test(name) ? name : undefined
}
