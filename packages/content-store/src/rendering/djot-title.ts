/** The title of a Djot document. */
import type { AstNode, Doc } from '@djot/djot'
import { TitleFinder } from './rendered.ts'

/** Text of the first level-1 heading, else of the first heading; undefined when no heading has text. */
export function readTitle(document: Doc): string | undefined {
  const finder = new TitleFinder()
  visitHeadings(document, finder)
  return finder.title
}

function visitHeadings(node: AstNode, finder: TitleFinder): void {
  if (node.tag === 'heading') finder.add(node.level, textOf(node))
  else if ('children' in node) for (const child of node.children) visitHeadings(child, finder)
}

function textOf(node: AstNode): string {
  if (node.tag === 'smart_punctuation') return punctuation[node.type]
  if (node.tag === 'raw_inline' || node.tag === 'footnote_reference') return ''
  if (node.tag === 'symb') return `:${node.alias}:`
  if ('text' in node) return node.text
  // A node with neither text nor children is a line break or a space.
  return 'children' in node ? quote(node.tag, node.children.map(textOf).join('')) : ' '
}

function quote(tag: AstNode['tag'], text: string): string {
  if (tag === 'double_quoted') return `“${text}”`
  return tag === 'single_quoted' ? `‘${text}’` : text
}

const punctuation = {
  left_single_quote: '‘',
  right_single_quote: '’',
  left_double_quote: '“',
  right_double_quote: '”',
  ellipses: '…',
  em_dash: '—',
  en_dash: '–'
}
