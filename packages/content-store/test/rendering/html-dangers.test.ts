import t from 'tap'
import { dangersIn } from './html-dangers.ts'

const dangerous = [
  '<script>alert(1)</script>',
  '<SCRIPT src=x>',
  '<img src=x onerror=alert(1)>',
  '<img/src="x"/onerror=alert(1)>',
  '<a href="java&#115;cript:alert(1)">',
  '<a href=" jav&Tab;ascript&colon;alert(1)">',
  "<a title='>' href='\u0001javascript:x'>",
  '<p style="background:url(x)">',
  '<iframe srcdoc="x">',
  '<img src="data:image/svg+xml,x">',
  '<p title="a"onclick="x">'
]

t.test('the tokenizer of these tests sees what a browser would run', async (t) => {
  for (const html of dangerous) t.not(dangersIn(html).length, 0, html)
})

t.test('the tokenizer of these tests is not fooled by words in text and values', async (t) => {
  t.same(dangersIn('&lt;script&gt;alert(1)&lt;/script&gt; onclick=x javascript:x'), [])
  t.same(dangersIn('<p title="<script> onclick=x">a < script</p><!-- <script> -->'), [])
  t.same(dangersIn('<a href="/javascript:x">a</a><td style="text-align: left;">'), [])
})
