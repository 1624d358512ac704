/** The oldest Node.js that `engines` of package.json allows. */
const OLDEST = [24, 9] as const

/**
 * An error message when this Node.js is too old, else undefined. This file, and the files that load it, must run on
 * older versions.
 *
 * @param version as in `process.versions.node`
 */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `RELIW requires Node.js ${OLDEST.join('.')} or newer; this is ${version}.`
}
