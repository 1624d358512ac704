/** A Lua pattern for a text, whatever is in it. */
export function literal(text: string): string {
  return text.replaceAll(/[^\w\s/:]/g, '%$&')
}

/** A Lua pattern for a word in small and large letters; they have no flag for that. */
export function anyCase(word: string): string {
  return literal(word).replaceAll(/[a-z]/gi, (letter) => {
    return `[${letter.toUpperCase()}${letter.toLowerCase()}]`
  })
}

/** The regular expression of PCRE for a Lua pattern, as far as these are used here. */
export function toPcre(pattern: string): string {
  return pattern.replaceAll(/%(.)|\.-|[{}|]/g, (found, escaped: string | undefined) => {
    if (escaped === undefined) return found === '.-' ? '.*?' : `\\${found}`
    return escaped === 'w' ? '0-9A-Za-z' : `\\${escaped}`
  })
}
