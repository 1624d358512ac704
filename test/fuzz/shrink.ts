/** Most attempts: each may take as long as the server's patience. */
const ATTEMPTS = 120

/** Takes pieces out of a text for as long as it still fails. */
export async function shrink(
  text: string,
  fails: (text: string) => Promise<boolean>
): Promise<string> {
  let smallest = text
  let attempts = 0
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && attempts < ATTEMPTS;) {
      const shorter = smallest.slice(0, at) + smallest.slice(at + size)
      attempts += 1
      if (await fails(shorter)) smallest = shorter
      else at += size
    }
  }
  return smallest
}
