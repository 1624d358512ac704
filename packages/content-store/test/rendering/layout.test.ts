import t from 'tap'
import { defaultLayout } from '../../src/rendering/default-layout.ts'
import { parseLayout } from '../../src/rendering/layout.ts'
import type { PageVariables } from '../../src/rendering/layout.ts'
import { dangersIn, tagsIn } from './html-dangers.ts'

const render = (layout: string, variables: PageVariables) => parseLayout(layout).render(variables)

t.test('a layout without content is refused', async (t) => {
  t.throws(() => parseLayout('<p>${title}</p>'), new Error('the layout has no ${content}'))
})

t.test('every value is escaped but the content', async (t) => {
  const layout =
    '${title}|${css_file}|${favicon_file}|${class}|${request_id}|${published}|\n${content}'
  const value = `<&>"'`
  const escaped = '&lt;&amp;&gt;&quot;&#39;'
  t.equal(
    render(layout, {
      title: value,
      css_file: value,
      favicon_file: value,
      class: value,
      request_id: value,
      published: value,
      content: value
    }),
    `${`${escaped}|`.repeat(6)}\n${value}`
  )
})

t.test('values are not searched for variables or replacement patterns', async (t) => {
  t.equal(
    render('${title} ${content}', { title: '${content} $&', content: "${title} $'" }),
    "${content} $&amp; ${title} $'"
  )
})

const literals = [
  '${unknown}',
  '${}',
  '$content',
  '${ title }',
  '${title',
  '${constructor}',
  '$${a}'
]

t.test('text that is not a variable stays unchanged', async (t) => {
  for (const text of literals) t.equal(render(`${text} \${content}`, { content: 'x' }), `${text} x`)
})

t.test('a variable may come more than once and may have no value', async (t) => {
  t.equal(render('${content}${title}${content}', { content: 'x' }), 'xx')
})

t.test('a line is left out when the file it is for is not given', async (t) => {
  const layout = 'a\n<link href="${css_file}">\r\n<link href="${favicon_file}">\n${content}'
  t.equal(render(layout, { content: 'x' }), 'a\n${content}'.replace('${content}', 'x'))
  t.equal(render(layout, { content: 'x', favicon_file: '/f' }), 'a\n<link href="/f">\nx')
  t.equal(render(layout, { content: 'x', css_file: '/c' }), 'a\n<link href="/c">\r\nx')
  t.equal(render('${css_file}${favicon_file}\n${content}', { content: 'x', css_file: '/c' }), 'x')
})

t.test('where everything is on one line only the tag is left out', async (t) => {
  const layout = '<link href="${css_file}"><p>${content}</p><link href="${favicon_file}">'
  t.equal(render(layout, { content: 'x' }), '<p>x</p>')
  t.equal(render('${css_file} ${content}', { content: 'x' }), ' x')
})

t.test('the default layout is a document that loads only the given files', async (t) => {
  const bare = defaultLayout.render({ content: '<p>x</p>' })
  t.match(bare, /^<!doctype html>\n<html lang="en">\n/)
  t.notMatch(bare, /<link|https?:|\$\{/)
  t.match(bare, '<main>\n<p>x</p>\n</main>')
  t.match(tagsIn(bare), [{ name: 'html' }, { name: 'head' }, { name: 'meta' }, { name: 'meta' }])
})

t.test('the default layout shows title, class, style sheet and icon', async (t) => {
  const page = defaultLayout.render({
    content: '',
    title: '<T>',
    class: '"c',
    css_file: '/a.css?b&c',
    favicon_file: '/i.svg'
  })
  t.match(page, '<title>&lt;T&gt;</title>')
  t.match(page, '<body class="&quot;c">')
  t.match(page, '<link rel="stylesheet" href="/a.css?b&amp;c">')
  t.match(page, '<link rel="icon" href="/i.svg">')
  t.same(dangersIn(page.replace(/<head>[^]*<\/head>/, '')), [])
})
