/** Renders Djot to HTML. */
import { HTMLRenderer, parse } from '@djot/djot'
import type { AstNode, HasAttributes } from '@djot/djot'
import { readTitle } from './djot-title.ts'
import { guardRendering } from './render-error.ts'
import type { Rendered, RenderOptions } from './rendered.ts'
import { safeAttributes } from './safe-attributes.ts'

/**
 * Renders Djot; its headings get ids. Throws RenderError.
 *
 * security: an author may try to run scripts. Whatever the options say, attributes that are not known to be harmless
 * are left out, and so are addresses with `javascript:`, `vbscript:`, `file:` or `data:` (except bitmap images).
 */
export function renderDjot(source: string, options: RenderOptions): Rendered {
  return guardRendering('djot', () => {
    const document = parse(source.replace(/^\uFEFF/, ''))
    const renderer = options.unsafeHtml ? new HarmlessRenderer({}) : new SafeRenderer({})
    return { html: renderer.render(document), title: readTitle(document) }
  })
}

/**
 * Filters attributes in `renderAttributes`, through which the library writes all attributes except its own. Filtering
 * the tree instead would miss attributes that the library merges later: from reference definitions, and from their
 * prototypes.
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
