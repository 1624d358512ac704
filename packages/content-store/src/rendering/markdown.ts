/** Renders Markdown (CommonMark with tables and strikethrough) to HTML. */
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import { HeadingIds } from './heading-ids.ts'
import { guardRendering } from './render-error.ts'
import { TitleFinder } from './rendered.ts'
import type { Rendered, RenderOptions } from './rendered.ts'

/**
 * Renders Markdown; every heading gets an id. Nesting beyond 100 levels is cut off. Throws RenderError.
 *
 * security: an author may try to run scripts by a link. Links to `javascript:`, `vbscript:`, `file:` and `data:`
 * (except bitmap images) stay text, whatever the options say.
 */
export function renderMarkdown(source: string, options: RenderOptions): Rendered {
  const parser = options.unsafeHtml ? unsafe : safe
  return guardRendering('markdown', () => {
    const tokens = parser.parse(source.replace(/^\uFEFF/, ''), {})
    const title = readHeadings(tokens)
    return { html: parser.renderer.render(tokens, parser.options, {}), title }
  })
}

const settings = { linkify: false, typographer: false }
const safe = new MarkdownIt({ ...settings, html: false })
const unsafe = new MarkdownIt({ ...settings, html: true })

/** Sets the ids of the headings and returns the title. */
function readHeadings(tokens: Token[]): string | undefined {
  const ids = new HeadingIds()
  const finder = new TitleFinder()
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue
    // The inline token of a heading always follows the opening token.
    const text = textOf(tokens[index + 1]?.children ?? [])
    token.attrSet('id', ids.next(text))
    finder.add(Number(token.tag.slice(1)), text)
  }
  return finder.title
}

function textOf(tokens: Token[]): string {
  return tokens.map(textOfToken).join('')
}

function textOfToken(token: Token): string {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return ' '
    case 'html_inline':
      return ''
    default:
      return token.children === null ? token.content : textOf(token.children)
  }
}
