import t from 'tap'
import { escapeHtml } from '../../src/rendering/escape-html.ts'

t.test('text is escaped for both text and attribute values', async (t) => {
  t.equal(
    escapeHtml(`<a href="x" b='y'>&amp;`),
    '&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;'
  )
  t.equal(escapeHtml('plain – text'), 'plain – text')
  t.equal(escapeHtml(''), '')
})
