/** Layouts: HTML with `${name}` variables around rendered content. */
import { escapeHtml } from './escape-html.ts'

/** The variables of a layout. All except `content`, which is HTML, are escaped. */
export interface PageVariables {
  content: string
  title?: string | undefined
  css_file?: string | undefined
  favicon_file?: string | undefined
  class?: string | undefined
  request_id?: string | undefined
  published?: string | undefined
}

/** A parsed layout. */
export interface Layout {
  /** The whole page. A variable without a value is empty; an unknown `${name}` stays as it is. */
  render(variables: PageVariables): string
}

/**
 * Parses a layout. A line with `${css_file}` or `${favicon_file}` is left out when that variable has no value; where
 * the line also has `${content}`, only the tag with the variable is left out. Throws when there is no `${content}`.
 */
export function parseLayout(text: string): Layout {
  if (!text.includes('${content}')) throw new Error('the layout has no ${content}')
  const sections = text
    .split(/(?<=\n)/)
    .flatMap(splitSections)
    .map(parseSection)
  return {
    render: (variables) => sections.map((section) => renderSection(section, variables)).join('')
  }
}

type Name = keyof PageVariables

/**
 * A part of a layout: text and variables, in order. It is left out when one of the variables in `needs` has no value.
 */
interface Section {
  parts: (string | { name: Name })[]
  needs: Name[]
}

const names: ReadonlySet<string> = new Set<Name>([
  'content',
  'title',
  'css_file',
  'favicon_file',
  'class',
  'request_id',
  'published'
])

const optional: readonly Name[] = ['css_file', 'favicon_file']

function splitSections(line: string): string[] {
  return line.includes('${content}') ? line.split(/(<[^<>]*>)/) : [line]
}

function parseSection(text: string): Section {
  const parts = text.split(/(\$\{\w+\})/).map((part) => {
    const name = /^\$\{(\w+)\}$/.exec(part)?.[1] ?? ''
    return isName(name) ? { name } : part
  })
  const holdsContent = text.includes('${content}')
  return {
    parts,
    needs: holdsContent ? [] : optional.filter((name) => text.includes(`\${${name}}`))
  }
}

function isName(name: string): name is Name {
  return names.has(name)
}

function renderSection({ parts, needs }: Section, variables: PageVariables): string {
  if (needs.some((name) => variables[name] === undefined)) return ''
  return parts.map((part) => renderPart(part, variables)).join('')
}

function renderPart(part: string | { name: Name }, variables: PageVariables): string {
  if (typeof part === 'string') return part
  const value = variables[part.name] ?? ''
  return part.name === 'content' ? value : escapeHtml(value)
}
