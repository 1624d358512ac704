import { decodeOnce } from './target-forms.ts'

/** Maximum length of a value in logs, in bytes. */
const MAX_SHOWN = 128
const HIDDEN = '***'

/** Names of headers and parameters with secret values contain one of these. */
const SECRET = /pass|pwd|secret|token|auth|key|sess|cookie|jwt|assertion|sig|code|otp|credential/i
/** Such a name of a parameter up to its `=`, also within the value of another parameter. */
const SECRET_PARAMETER = new RegExp(`(?:${SECRET.source})[^=]*=`, 'i')
const PARAMETER = /[^?&;#]+/g
/** User names and passwords in URLs, and credentials after the name of an authentication scheme (RFC 9110 11.6.2). */
const USER_INFO = /\/\/[^/@\s]*@/g
const CREDENTIALS = /\b(basic|bearer|digest|negotiate)(?:[ +]|%20)+[^\s&;,]+/gi

/** A value as logs may show it: truncated, and without known secrets. */
export function scrub(where: string, value: string): string {
  if (where !== 'query' && SECRET.test(where)) return HIDDEN
  // security: the value is truncated first: the client chooses it, and a long one could make the expressions slow.
  const shown = value
    .slice(0, MAX_SHOWN)
    .replaceAll(PARAMETER, hideSecret)
    .replaceAll(USER_INFO, `//${HIDDEN}@`)
    .replaceAll(CREDENTIALS, `$1 ${HIDDEN}`)
    .slice(0, MAX_SHOWN)
  return value.length > MAX_SHOWN ? `${shown}…` : shown
}

function hideSecret(parameter: string): string {
  if (!SECRET_PARAMETER.test(decodeOnce(`?${parameter}`))) return parameter
  return parameter.slice(0, parameter.indexOf('=') + 1) + HIDDEN
}
