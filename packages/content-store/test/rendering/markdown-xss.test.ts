import t from 'tap'
import { renderMarkdown } from '../../src/rendering/markdown.ts'
import { dangersIn } from './html-dangers.ts'

const html = [
  '<script>alert(1)</script>',
  'a <script>alert(1)</script> b',
  '<ScRiPt src=//evil.example></sCrIpT>',
  '<script\n>alert(1)</script\n>',
  '<<script>script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'a <img src=x onerror=alert(1)//> b',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<math href="javascript:alert(1)">x</math>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<object data="data:text/html,x">',
  '<embed src="javascript:alert(1)">',
  '<base href="//evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<form action="javascript:alert(1)"><button>x</button></form>',
  '<style>@import "//evil.example"</style>',
  '<link rel=stylesheet href=//evil.example>',
  '<a href="javascript:alert(1)">x</a>',
  '<div onmouseover="alert(1)">x</div>',
  '<details open ontoggle=alert(1)>',
  '<!--><script>alert(1)</script>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?x <script>alert(1)</script> ?>',
  '- <script>alert(1)</script>',
  '> <script>alert(1)</script>',
  '|a|\n|-|\n|<script>alert(1)</script>|',
  '# <img src=x onerror=alert(1)>'
]

const links = [
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x]( javascript:alert(1))',
  '[x](<javascript:alert(1)>)',
  '[x](<java\tscript:alert(1)>)',
  '[x](\u0001javascript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](&#x6A;avascript&colon;alert(1))',
  '[x](java&Tab;script:alert(1))',
  '[x](java&NewLine;script:alert(1))',
  '[x](javascript\\:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
  '<javascript:alert(1)>',
  '<data:text/html,x>',
  '[x][y]\n\n[y]: javascript:alert(1)',
  '[x]\n\n[x]: <data:text/html,x> "t"',
  '[x](/a "\\" onclick=\\"alert(1)")',
  '[x](/a \'" onclick=alert(1) "\')',
  '[x](/a"onclick="alert(1))',
  '![" onerror="alert(1)](/a)',
  '![x](/a"onerror="alert(1))',
  '![x](/a "x\' onerror=alert(1)")',
  '[<img src=x onerror=alert(1)>](/a)',
  '`<script>alert(1)</script>`',
  '```html\n<script>alert(1)</script>\n```',
  '```"><script>alert(1)</script>\nx\n```',
  '    <script>alert(1)</script>',
  '[a](<b> "<script>alert(1)</script>")'
]

t.test('Markdown runs no script: HTML in it stays text', async (t) => {
  for (const source of [...html, ...links]) {
    t.same(dangersIn(renderMarkdown(source, { unsafeHtml: false }).html), [], source)
  }
})

t.test('Markdown links never lead to a script, even where HTML is let through', async (t) => {
  for (const source of links.filter((link) => !/<(?:img|script)/.test(link))) {
    t.same(dangersIn(renderMarkdown(source, { unsafeHtml: true }).html), [], source)
  }
})
