import { decodeOnce } from './target-forms.ts'

/** The most that is shown of a value, in bytes. */
const MAX_SHOWN = 128
const HIDDEN = '***'

/** What the names of headers and parameters have in them whose values are secrets. */
const SECRET = /pass|pwd|secret|token|auth|key|sess|cookie|jwt|assertion|sig|code|otp|credential/i
/** The same of a parameter, or of one within its value. */
const SECRET_PARAMETER = new RegExp(`(?:${SECRET.source})[^=]*=`, 'i')
const PARAMETER = /[^?&;#]+/g
/** Names and passwords within URLs, and what follows the names of ways to authenticate (RFC 9110 11.6.2). */
const USER_INFO = /\/\/[^/@\s]*@/g
const CREDENTIALS = /\b(basic|bearer|digest|negotiate)(?:[ +]|%20)+[^\s&;,]+/gi

/** A value as logs may show it: without credentials, and not long. */
export function scrub(where: string, value: string): string {
  if (where !== 'query' && SECRET.test(where)) return HIDDEN
  // Clipped first: a value can be as long as a request, and hostile to every expression here.
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
