import t from 'tap'
import { renderMarkdown } from '../../src/rendering/markdown.ts'

const render = (source: string, unsafeHtml = false) => renderMarkdown(source, { unsafeHtml })

t.test('Markdown becomes HTML, tables and strikethrough included', async (t) => {
  t.equal(render('*a* **b** ~~c~~').html, '<p><em>a</em> <strong>b</strong> <s>c</s></p>\n')
  t.match(render('|a|\n|:-:|\n|b|').html, /<th style="text-align:center">a<\/th>/)
  t.equal(render('').html, '')
})

t.test('text stays as it is typed: no links, quotes or dashes are made up', async (t) => {
  t.equal(
    render('https://a.example -- "b" (c)').html,
    '<p>https://a.example -- &quot;b&quot; (c)</p>\n'
  )
})

t.test('HTML passes only where it is allowed', async (t) => {
  t.equal(render('<b>x</b>').html, '<p>&lt;b&gt;x&lt;/b&gt;</p>\n')
  t.equal(render('<b>x</b>', true).html, '<p><b>x</b></p>\n')
})

t.test('inline bitmaps are images, other data is not', async (t) => {
  t.match(render('![x](data:image/png;base64,AA==)').html, /<img src="data:image\/png;base64,AA=="/)
  t.notMatch(render('![x](data:image/svg+xml,AA)').html, /<img/)
})

const ids = (source: string) =>
  [...render(source).html.matchAll(/id="([^"]*)"/g)].map(([, id]) => id)

t.test('every heading has an id of its own', async (t) => {
  t.same(ids('# One & two!\n## *One*, `two`'), ['one-two', 'one-two-1'])
  t.same(ids('# a\n# a\n# a-1\n# a'), ['a', 'a-1', 'a-1-1', 'a-2'])
  t.same(ids('# a-1\n# a\n# a'), ['a-1', 'a', 'a-2'])
  t.same(ids('# ...\n# !'), ['section', 'section-1'])
  t.same(ids('# Žluťoučký 馬\n# "><b>'), ['žluťoučký-馬', 'b'])
  t.same(ids('Title\n=====\n\n> ## Quoted'), ['title', 'quoted'])
})

const titles: [source: string, title: string | undefined][] = [
  ['# One', 'One'],
  ['## Two\n# One\n# Other', 'One'],
  ['### Three\n## Two', 'Three'],
  ['# A *b* `c` & <d> ![e](f) [g](h)', 'A b c & <d> e g'],
  ['two\nlines\n=====', 'two lines'],
  ['#\n## Two', 'Two'],
  ['\uFEFF# After a byte order mark', 'After a byte order mark'],
  ['no heading', undefined],
  ['', undefined]
]

t.test(
  'the title is the text of the first level-1 heading, else of the first heading',
  async (t) => {
    for (const [source, title] of titles) t.equal(render(source).title, title, source)
  }
)

t.test('tags are no part of the title where HTML is allowed', async (t) => {
  t.equal(render('# a <b>c</b>', true).title, 'a c')
})

t.test('nesting is cut off where it becomes absurd', async (t) => {
  t.type(render('> '.repeat(20_000) + 'x').html, 'string')
  t.type(render('['.repeat(5000) + ']'.repeat(5000)).html, 'string')
  t.type(render('*a **b '.repeat(5000)).html, 'string')
})
