/** A source of random choices that repeats itself for the same seed. */
export interface Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number
  /** One character of `from`. */
  char(from: string): string
  /** Whether something of the given probability happens. */
  chance(probability: number): boolean
}

/** Mulberry32: 32 bits of state are plenty for test cases. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { below, char: (from) => from.charAt(below(from.length)), chance: (p) => next() < p }
}

// Neither has a "g": LuaJIT knows the class %g of Lua 5.2. Nor a NUL: it ends a pattern in C.
const BYTES = 'aaabbb1.-x %()[]^$A_\n\x80\xff'
const CLASSES = 'acdlpsuwxzACDLPSUWXZ'
const SOUP = '%%%[[]]()()^$*+-?.abf1'

/** A pattern: most are well-formed, some are soup. */
export function generatePattern(random: Random): string {
  if (random.chance(0.2)) return repeat(1 + random.below(8), () => random.char(SOUP))
  const start = random.chance(0.15) ? '^' : ''
  const end = random.chance(0.15) ? '$' : ''
  if (random.chance(0.15)) {
    const [first, middle] = [generateItems(random, 2), generateItems(random, 1)]
    return `${start}(${first})${middle}%1${end}`
  }
  return start + generateItems(random, 4) + end
}

/** A subject of up to 16 bytes, of few different ones so that much matches. */
export function generateSubject(random: Random): string {
  const bytes = random.chance(0.5) ? 'ab' : `${BYTES}\0`
  return repeat(random.below(17), () => random.char(bytes))
}

/** A replacement for `gsub`. */
export function generateReplacement(random: Random): string {
  return repeat(random.below(4), () =>
    random.chance(0.5) ? random.char('xy\0\xff') : `%${random.char('000111123%a')}`
  ).concat(random.chance(0.03) ? '%' : '')
}

function generateItems(random: Random, most: number): string {
  return repeat(1 + random.below(most), () => generateItem(random, most))
}

function generateItem(random: Random, most: number): string {
  switch (random.below(20)) {
    case 0:
      return '()'
    case 1:
      return random.chance(0.5) ? `%b${random.char('(ab')}${random.char(')ab')}` : '%b()'
    case 2:
      return `%f${generateSet(random)}`
    case 3:
      return random.chance(0.2) ? `%${random.char('1112')}` : '(a-)'
    case 4:
    case 5:
    case 6:
      return most > 1 ? `(${generateItems(random, most - 2)})` : '.'
    default:
      return generateSingle(random) + (random.chance(0.6) ? random.char('**+--?') : '')
  }
}

function generateSingle(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return '.'
    case 1:
      return `%${random.char(CLASSES)}`
    case 2:
      return `%${random.char(BYTES)}`
    case 3:
      return generateSet(random)
    default:
      return random.char('aaabbb1A_x\xff')
  }
}

function generateSet(random: Random): string {
  const inside = repeat(1 + random.below(4), () => generateSetItem(random))
  return `[${random.chance(0.3) ? '^' : ''}${inside}]`
}

function generateSetItem(random: Random): string {
  switch (random.below(5)) {
    case 0:
      return `%${random.char(CLASSES)}`
    case 1:
      return `${random.char(BYTES)}-${random.char(BYTES)}`
    case 2:
      return `%${random.char(BYTES)}`
    default:
      return random.char(BYTES)
  }
}

function repeat(times: number, make: () => string): string {
  return Array.from({ length: times }, make).join('')
}
