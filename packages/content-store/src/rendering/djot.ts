/** Djot as HTML. */
import { HTMLRenderer, parse } from '@djot/djot'
import type { AstNode, HasAttributes } from '@djot/djot'
import { readTitle } from './djot-title.ts'
import { guardRendering } from './render-error.ts'
import type { Rendered, RenderOptions } from './rendered.ts'
import { safeAttributes } from './safe-attributes.ts'

/**
 * Renders Djot; its headings get ids. Whatever the options say, attributes that are not harmless
 * are left out and links to `javascript:`, `vbscript:`, `file:` and `data:` (but for images) lose
 * their address. Throws RenderError.
 */
export function renderDjot(source: string, options: RenderOptions): Rendered {
  return guardRendering('djot', () => {
    const document = parse(source.replace(/^\uFEFF/, ''))
    const renderer = options.unsafeHtml ? new HarmlessRenderer({}) : new SafeRenderer({})
    return { html: renderer.render(document), title: readTitle(document) }
  })
}

/**
 * The library writes every attribute but those of its own making through `renderAttributes`.
 * Filtering there, and not in the tree, also covers what it merges late: reference definitions and
 * what it finds on their prototypes.
 */
class HarmlessRenderer extends HTMLRenderer {
  override renderAttributes(node: HasAttributes, own: Record<string, string> = {}): string {
    const attributes = { ...node.autoAttributes, ...node.attributes, ...own }
    const classes = [own['class'], node.attributes?.['class']].filter((name) => name !== undefined)
    if (classes.length > 0) attributes['class'] = classes.join(' ')
    return safeAttributes(attributes)
      .map(([name, value]) => ` ${name}="${this.escapeAttribute(value)}"`)
      .join('')
  }
}

class SafeRenderer extends HarmlessRenderer {
  override renderAstNodeDefault(node: AstNode): string {
    const isRaw = node.tag === 'raw_block' || node.tag === 'raw_inline'
    return isRaw ? '' : super.renderAstNodeDefault(node)
  }
}
