import t from 'tap'
import { checkPath } from '../src/index.ts'

/** What random targets are made of: mostly what matters, so that most combinations are met. */
const PIECES = [
  ['/', '/', '.', '..', '%', '%25', '%2525', '25', '2', '2e', '2F', '5c', 'e', '0', '00', '7f'],
  ['a', 'Z', ';', '?', '#', '\\', ' ', '\0', '\n', '\u007f', '\u00e9', '\u20ac', '\ud800'],
  ['%2e', '%2f', '%5C', '%00', '%20', '%41', '%32', '%65', '%C3%BC', '%C3', '%80', '%zz', '%u0']
].flat()
/** ASCII control bytes. */
const CONTROL = /[^\P{Cc}\u0080-\u009f]/u
const RUNS = 40_000

t.test('no target makes the check throw, and accepted paths follow the rules', async (t) => {
  const broken: string[] = []
  let count = 0
  for (const target of randomTargets(20_261_101)) {
    const path = checkPath(target)
    if (path === undefined) continue
    count += 1
    if (!keepsRules(target, path)) broken.push(JSON.stringify(target))
  }
  t.same(broken, [])
  t.ok(count > RUNS / 50, `${count} of ${RUNS} were accepted`)
})

t.test('an accepted path, encoded again, is accepted as the same', async (t) => {
  const different: string[] = []
  for (const target of randomTargets(7)) {
    const path = checkPath(target)
    if (path === undefined) continue
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    if (checkPath(encoded) !== path) different.push(JSON.stringify(target))
  }
  t.same(different, [])
})

t.test('a refused path is refused behind any directory', async (t) => {
  const different: string[] = []
  for (const target of randomTargets(42)) {
    if (!target.startsWith('/')) continue
    if ((checkPath(target) === undefined) !== (checkPath(`/dir${target}`) === undefined)) {
      different.push(JSON.stringify(target))
    }
  }
  t.same(different, [])
})

/** The rules, written as slowly and plainly as can be. */
function keepsRules(target: string, path: string): boolean {
  const [raw = ''] = target.split('?')
  if (!/^[!-~]*$/.test(target) || target.includes('#') || !raw.startsWith('/')) return false
  if (plain(decodeURIComponent(raw)) !== path || CONTROL.test(path)) return false
  if (path.includes('\\') || path.split('/').includes('..')) return false
  const bytes = decodeFully(raw)
  return (
    ['.', '/', '\\'].every((byte) => count(raw, byte) === count(bytes, byte)) &&
    !CONTROL.test(bytes)
  )
}

/** Without segments that are empty or `.`, but for the last one. */
function plain(path: string): string {
  const segments = path.split('/').slice(1)
  const last = segments.pop()
  const kept = segments.filter((segment) => segment !== '' && segment !== '.')
  return `/${[...kept, last === '.' ? '' : last].join('/')}`
}

function decodeFully(text: string): string {
  const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16))
  )
  return decoded === text ? text : decodeFully(decoded)
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}

function* randomTargets(seed: number): Generator<string> {
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  for (let run = 0; run < RUNS; run++) {
    const length = next(8)
    const pieces = Array.from({ length }, () => PIECES[next(PIECES.length)])
    yield (next(20) === 0 ? '' : '/') + pieces.join('')
  }
}
