import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const entry = { try_extensions: true }
const layout = (name: string) => `<${name}>\${title}\${css_file}\${content}</${name}>`

for (const raw of [true, false]) {
  t.test(`Markdown and Djot are rendered as pages (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, entry })
    site.write('about.md', '# About *us*\n\ntext')
    site.write('notes.dj', '# Notes\n\n_text_')
    const page = await site.get('/about')
    t.match(page, {
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', vary: /^Accept\b/ },
      text: /<title>About us<\/title>[^]*<h1[^>]*>About <em>us<\/em><\/h1>/
    })
    t.match((await site.get('/notes')).text, /<em>text<\/em>/)
    t.match((await site.get('/about.md')).text, page.text, 'also under its own name')
    for (const accept of ['text/markdown', 'text/html;q=0.5, text/markdown', 'text/djot']) {
      const source = await site.get('/about', { headers: { accept } })
      t.match(source, {
        headers: { 'content-type': 'text/markdown; charset=utf-8', vary: /^Accept\b/ },
        text: '# About *us*\n\ntext'
      })
      t.not(source.headers.etag, page.headers.etag)
    }
    t.match(await site.get('/about', { headers: { 'if-none-match': `${page.headers.etag}` } }), {
      status: 304,
      headers: { vary: /^Accept\b/ }
    })
    site.write('about.md', '# Changed')
    t.match((await site.get('/about')).text, /<title>Changed</)
  })
}

t.test('the layout is that of the site, else of all sites, else the built-in one', async (t) => {
  const site = await startSite(t, { entry: { ...entry, css_file: '/own.css' } })
  site.write('a.md', 'text')
  t.match((await site.get('/a')).text, /<!doctype html>[^]*href="\/own.css"/)
  await site.set({ 'DATA:__:template.html': layout('shared') })
  t.equal((await site.get('/a')).text, '<shared>/own.css<p>text</p>\n</shared>')
  await site.set({ [`DATA:${HOST}:template.html`]: layout('own') })
  t.match((await site.get('/a')).text, /^<own>/)
  t.match((await site.get('/none')).text, /^<own>404 Not Found[^]*Request id/, 'errors too')
  await site.delete(`DATA:${HOST}:template.html`)
  t.match((await site.get('/a')).text, /^<shared>/)
})

t.test('a layout without content is refused: the last good one stays', async (t) => {
  const site = await startSite(t, { entry })
  site.write('a.md', 'text')
  const key = `DATA:${HOST}:template.html`
  await site.set({ [key]: '<first>${content}' })
  t.match((await site.get('/a')).text, /^<first>/)
  await site.set({ [key]: '<second>' })
  t.match((await site.get('/a')).text, /^<first>/)
  await site.set({ [key]: '<third>${content}' })
  t.match((await site.get('/a')).text, /^<third>/)

  const other = await startSite(t, { entry })
  other.write('a.md', 'text')
  await other.set({ [key]: 'never good' })
  t.match(await other.get('/a'), { status: 500, text: /<h1>500 Internal Server Error/ })
  t.match(other.log, [{ content: { key: `RLW:${key}`, mistake: /content/ } }])
  await other.set({ [key]: 'good ${content}' })
  t.match((await other.get('/a')).text, /^good/)
})

t.test('the title is the table’s, the content’s, the entry’s, or the first heading', async (t) => {
  const site = await startSite(t, { entry })
  await site.hset(`FILES:${HOST}:/a.md`, { content: '# Heading' })
  const title = async (path = '/a') =>
    /<title>(.*)<\/title>/.exec((await site.get(path)).text)?.[1] ?? ''
  t.equal(await title(), 'Heading')
  const titled = { methods: { GET: true }, try_extensions: true, title: 'Entry & "more"' }
  await site.set({ [`API:${HOST}:all`]: titled })
  t.equal(await title(), 'Entry &amp; &quot;more&quot;')
  await site.hset(`FILES:${HOST}:/a.md`, { title: 'Content' })
  t.equal(await title(), 'Content')
  await site.hset(`TITLES:${HOST}`, { '/a.md': 'Table' })
  t.equal(await title(), 'Table')
  await site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, file: 'a.md' } })
  t.equal(await title('/'), 'Table', 'whether the file is named with a slash or without')
})

t.test('HTML in a source shows as text, unless the site says otherwise', async (t) => {
  const site = await startSite(t, { entry })
  site.write('a.md', '<script>x</script>')
  site.write('b.dj', '``` =html\n<script>x</script>\n```')
  for (const path of ['/a', '/b']) t.notMatch((await site.get(path)).text, '<script>')
  await site.set({ [`SITE:${HOST}`]: { unsafe_html: true } })
  for (const path of ['/a', '/b']) t.match((await site.get(path)).text, '<script>x')
})

t.test('rendered pages are compressed like other content', async (t) => {
  const site = await startSite(t, { entry })
  site.write('a.md', 'text\n'.repeat(2000))
  t.match(await site.get('/a', { headers: { 'accept-encoding': 'br' } }), {
    headers: { 'content-encoding': 'br', vary: 'Accept, Accept-Encoding' }
  })
})
