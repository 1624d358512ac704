import { STATUS_CODES } from 'node:http'
import t from 'tap'
import { renderErrorPage } from '../../src/rendering/error-page.ts'
import { parseLayout } from '../../src/rendering/layout.ts'

const requestId = 'req-1'
const explained = [400, 401, 403, 404, 405, 408, 413, 414, 416, 429, 431, 500, 501, 502, 503, 504]

t.test('an error page shows the status, one sentence of its own and the request id', async (t) => {
  const sentences = new Set<string>()
  for (const status of explained) {
    const page = renderErrorPage({ status, requestId })
    t.match(page, `<title>${status} ${STATUS_CODES[status]}</title>`)
    t.match(page, `<h1>${status} ${STATUS_CODES[status]}</h1>`)
    t.match(page, 'Request id: <code>req-1</code>')
    sentences.add(/<\/h1>\n<p>([^<]+\.)<\/p>/.exec(page)?.[1] ?? '')
  }
  t.equal(sentences.size, explained.length)
  t.notOk(sentences.has(''))
})

t.test('any other status gets a general sentence', async (t) => {
  t.match(
    renderErrorPage({ status: 418, requestId }),
    /<h1>418 I&#39;m a Teapot<\/h1>\n<p>The server could /
  )
  t.match(renderErrorPage({ status: 599, requestId }), /<h1>599 Error<\/h1>\n<p>The site /)
})

t.test('the request id is escaped wherever it is shown', async (t) => {
  const page = renderErrorPage({ status: 404, requestId: '<b>$&', custom: '<i>${request_id}</i>' })
  t.match(page, '<i>&lt;b&gt;$&amp;</i>')
  t.notMatch(page, '<b>')
})

t.test("the operator's HTML takes the place of the sentence", async (t) => {
  const page = renderErrorPage({ status: 404, requestId, custom: '<em>Gone ${title}</em>' })
  t.match(page, '<h1>404 Not Found</h1>\n<em>Gone ${title}</em>\n<p class="request-id">')
  t.notMatch(page, 'no page at this address')
})

const documents = [
  '<!doctype html><p>',
  ' \r\n\t<!DOCTYPE\nhtml>',
  '<html>',
  '\uFEFF<HTML lang="cs">'
]

t.test("the operator's whole document is the page", async (t) => {
  for (const start of documents) {
    const custom = `${start}\${request_id} \${title}`
    t.equal(renderErrorPage({ status: 404, requestId, custom }), `${start}req-1 \${title}`)
  }
})

t.test('a fragment that only resembles a document is put into the layout', async (t) => {
  for (const custom of ['<htmlx>', '<!doctypes>', '<p><html>', '<!-- <html> -->', '']) {
    t.match(
      renderErrorPage({ status: 404, requestId, custom }),
      `<h1>404 Not Found</h1>\n${custom}\n`
    )
  }
})

t.test("a site's layout, style sheet and icon are used", async (t) => {
  const layout = parseLayout(
    '${title}|${class}|${request_id}|${css_file}|${favicon_file}\n${content}'
  )
  const page = renderErrorPage({
    status: 503,
    requestId,
    layout,
    css_file: '/c',
    favicon_file: '/f'
  })
  t.match(page, '503 Service Unavailable|error|req-1|/c|/f\n<h1>503 Service Unavailable</h1>')
})
