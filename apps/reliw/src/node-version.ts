/** The oldest Node.js that `engines` of package.json allows. */
const OLDEST = [24, 9] as const

/**
 * Says that this Node.js is too old; undefined when it is not. The file, and those that load it, use nothing that
 * older ones do not know.
 *
 * @param version as `process.versions.node` has it
 */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `RELIW needs Node.js ${OLDEST.join('.')} or newer, and this is ${version}.`
}
