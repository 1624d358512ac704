const CODE = /^[A-Z][A-Z0-9_]{1,63}$/
const NAME = /^[A-Z][A-Za-z0-9]{1,63}$/

/**
 * How a log identifies an error: by its code, such as `RELIW_CONTENT_NOT_FOUND`, else by its name, such as `TypeError`.
 *
 * security: an attacker may get text of a request into an error's code or name, so everything else is dropped.
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
