import t from 'tap'
import { renderDjot } from '../../src/rendering/djot.ts'
import { RenderError } from '../../src/rendering/render-error.ts'

const render = (source: string, unsafeHtml = false) => renderDjot(source, { unsafeHtml })

t.test('Djot becomes HTML', async (t) => {
  t.equal(render('_a_ *b* {-c-}').html, '<p><em>a</em> <strong>b</strong> <del>c</del></p>\n')
  t.match(render('|a|\n|:-:|\n|b|\n').html, /<th style="text-align: center;">a<\/th>/)
  t.equal(render('[x](/a?b=1&c "d)').html, '<p><a href="/a?b=1&amp;c &quot;d">x</a></p>\n')
  t.equal(render('').html, '')
})

t.test('lists, tasks and notes keep the attributes the library gives them', async (t) => {
  t.match(render('b. x').html, /<ol start="2" type="a">/)
  t.match(render('- [x] done').html, /<ul class="task-list">[^]*checked=""/)
  t.match(render('a[^n]\n\n[^n]: b').html, /<a id="fnref1" href="#fn1" role="doc-noteref">/)
  t.match(render('$`x`').html, /<span class="math inline">/)
})

t.test('harmless attributes pass, others are left out', async (t) => {
  t.equal(
    render(
      '{#i .c .d lang=cs dir=ltr title="a < \\"b\\"" data-x=1 style="x" onclick=y aria-label=z}\nx'
    ).html,
    '<p id="i" class="c d" lang="cs" dir="ltr" title="a &lt; &quot;b&quot;" aria-label="z">x</p>\n'
  )
  t.equal(
    render('![x](/a){width=1 height=2}').html,
    '<p><img width="1" height="2" alt="x" src="/a"></p>\n'
  )
  t.equal(render('[x](/a){href="/b"}').html, '<p><a href="/a">x</a></p>\n')
  t.match(render('{.b}\n- [ ] x').html, /class="task-list b"/)
})

t.test('references lend their address and harmless attributes', async (t) => {
  t.equal(render('{.c onclick=x}\n[y]: /a\n\n[x][y]').html, '<p><a href="/a" class="c">x</a></p>\n')
  t.equal(render('[x][constructor]').html, '<p><a>x</a></p>\n')
})

t.test('an address that would run code is dropped, its text stays', async (t) => {
  t.equal(render('[x](javascript:y)').html, '<p><a>x</a></p>\n')
  t.equal(render('![x](data:text/html,y)').html, '<p><img alt="x"></p>\n')
  t.match(render('![x](data:image/png;base64,AA==)').html, /src="data:image\/png;base64,AA=="/)
  t.equal(render('[x](data:image/png;base64,AA==)').html, '<p><a>x</a></p>\n')
})

t.test('raw HTML passes only where it is allowed', async (t) => {
  t.equal(render('a`<b>`{=html}').html, '<p>a</p>\n')
  t.equal(render('a`<b>`{=html}', true).html, '<p>a<b></p>\n')
  t.equal(render('``` =html\n<hr>\n```').html, '')
  t.equal(render('``` =html\n<hr>\n```', true).html, '<hr>\n')
})

const titles: [source: string, title: string | undefined][] = [
  ['# One', 'One'],
  ['## Two\n\n# One\n\n# Other', 'One'],
  ['### Three\n\n## Two', 'Three'],
  ["# A *b* `c` [g](h) \"it's\" -- 'q'... :s: d\\ e", 'A b c g “it’s” – ‘q’… :s: d e'],
  ['# two\nlines `<b>`{=html}', 'two lines'],
  ['> # Quoted', 'Quoted'],
  ['# Note[^1]\n\n[^1]: x', 'Note'],
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

t.test('a document that is nested too deeply is refused and harms nothing else', async (t) => {
  for (const source of ['> '.repeat(50_000) + 'x', '['.repeat(20_000) + '](x)'.repeat(20_000)]) {
    t.throws(() => render(source), new RenderError('djot: nested too deeply'))
  }
  t.equal(render('x').html, '<p>x</p>\n')
})

t.test('a fault of the library is a RenderError with its cause', async (t) => {
  try {
    render('x[^a]\n\n[^a]: y\n\n[^__proto__]: z')
    t.fail('did not throw')
  } catch (error) {
    t.ok(error instanceof RenderError && error.cause instanceof TypeError)
  }
})
