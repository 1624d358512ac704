/** Maximum number of spellings that are looked up for one name. */
export const MAX_SPELLINGS = 10

/**
 * The spellings of a name in Unicode, the given one first: `ü` is one character (NFC) or two (NFD), which look the same.
 * Browsers send NFC, macOS stores NFD, and each directory on the path may have another form: first come the names that
 * have one form throughout. Names without such characters have one spelling.
 */
export function spellings(segments: readonly string[]): readonly (readonly string[])[] {
  const forms = segments.map(formsOf)
  const variants = forms.reduce((product, { length }) => product * length, 1)
  if (variants === 1) return [segments]
  const found = [segments, inForm(segments, 'NFC'), inForm(segments, 'NFD')]
  for (let variant = 1; variant < Math.min(variants, MAX_SPELLINGS); variant++)
    found.push(combine(forms, variant))
  const distinct = new Map(found.map((names) => [names.join('/'), names]))
  return [...distinct.values()].slice(0, MAX_SPELLINGS)
}

/** The given form of a segment, and those of NFC and NFD that differ from it. */
function formsOf(segment: string): string[] {
  return [...new Set([segment, segment.normalize('NFC'), segment.normalize('NFD')])]
}

function inForm(segments: readonly string[], form: 'NFC' | 'NFD'): string[] {
  return segments.map((segment) => segment.normalize(form))
}

/** One combination of the forms, by its number. */
function combine(forms: readonly string[][], variant: number): string[] {
  let rest = variant
  return forms.map((form) => {
    const chosen = form[rest % form.length] ?? ''
    rest = Math.floor(rest / form.length)
    return chosen
  })
}
