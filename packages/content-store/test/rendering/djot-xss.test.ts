import t from 'tap'
import { renderDjot } from '../../src/rendering/djot.ts'
import { dangersIn } from './html-dangers.ts'

const raw = [
  '``` =html\n<script>alert(1)</script>\n```',
  '``` =html\n<img src=x onerror=alert(1)>\n```',
  '~~~ =html\n<iframe src="javascript:alert(1)"></iframe>\n~~~',
  '> ``` =html\n> <script>alert(1)</script>\n> ```',
  '- ``` =html\n  <script>alert(1)</script>\n  ```',
  '`<script>alert(1)</script>`{=html}',
  'a `<img src=x onerror=alert(1)>`{=html} b',
  '# `<script>alert(1)</script>`{=html}',
  '|`<script>alert(1)</script>`{=html}|\n',
  '[`<script>alert(1)</script>`{=html}](/a)',
  '*`<script>`{=html}*alert(1)`</script>`{=html}',
  'x[^1]\n\n[^1]: `<script>alert(1)</script>`{=html}'
]

const cooked = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JAVASCRIPT:alert(1))',
  '[x]( javascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](java\nscript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](\u00a0\u200bjavascript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](javascript\\:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](file:///etc/passwd)',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
  '![x](data:text/html,x)',
  '<javascript:alert(1)>',
  '<data:text/html,x>',
  '[x][y]\n\n[y]: javascript:alert(1)',
  '[x][y]\n\n[y]:\n  java\n  script:alert(1)',
  '![x][y]\n\n[y]: javascript:alert(1)',
  '[y][]\n\n[y]: data:text/html,x',
  '{destination="javascript:alert(1)"}\n[__proto__]: x\n\n[x][attributes]',
  '{href="javascript:alert(1)"}\n[y]: /a\n\n[x][y]',
  '{onclick="alert(1)"}\n[y]: /a\n\n[x][y]',
  '[x](/a){onclick="alert(1)"}',
  '[x](/a){ONCLICK="alert(1)"}',
  '[x](/a){href="javascript:alert(1)"}',
  '[x](/a){HREF="javascript:alert(1)"}',
  '![x](/a){onerror=alert}',
  '![x](/a){src="javascript:alert(1)"}',
  '![x](/a){srcset="data:text/html,x"}',
  '[x]{style="background:url(javascript:alert(1))"}',
  '[x]{srcdoc="<script>alert(1)</script>"}',
  '[x]{formaction="javascript:alert(1)" xlink:href="javascript:alert(1)"}',
  '*x*{onmouseover="alert(1)"}',
  'x{onmouseover="alert(1)"}',
  '`x`{onmouseover="alert(1)"}',
  '{onmouseover="alert(1)"}\nparagraph',
  '{onmouseover="alert(1)"}\n# heading',
  '{onmouseover="alert(1)"}\n> quote',
  '{onmouseover="alert(1)"}\n- item',
  '{onmouseover="alert(1)"}\n|a|\n',
  '{onmouseover="alert(1)"}\n::: x\ny\n:::',
  '{onmouseover="alert(1)"}\n***\n',
  '{onmouseover="alert(1)"}\n```\nx\n```',
  '{style="position:fixed"}\nparagraph',
  '{title="\\" onclick=\\"alert(1)"}\nparagraph',
  '{.a #b title="\'><script>alert(1)</script>"}\nparagraph',
  '::: "><script>alert(1)</script>\nx\n:::',
  '``` "><script>alert(1)</script>\nx\n```',
  '```html\n<script>alert(1)</script>\n```',
  '`<script>alert(1)</script>`',
  '$`<script>alert(1)</script>`',
  '![" onerror="alert(1)](/a)',
  '[x](/a"onclick="alert(1))',
  '# " onclick="alert(1)',
  'x[^" onclick="alert(1)]\n\n[^" onclick="alert(1)]: note',
  ':<script>:'
]

t.test('Djot runs no script: raw HTML is left out, the rest is text', async (t) => {
  for (const source of [...raw, ...cooked]) {
    t.same(dangersIn(renderDjot(source, { unsafeHtml: false }).html), [], source)
  }
})

t.test(
  'Djot links and attributes never run a script, even where HTML is let through',
  async (t) => {
    for (const source of cooked) {
      t.same(dangersIn(renderDjot(source, { unsafeHtml: true }).html), [], source)
    }
  }
)
