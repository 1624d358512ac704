/**
 * The page of a server whose store has no sites: what to do next. `host` is that of the request, normalized.
 *
 * security: the page contains nothing about the server: no address, no path, no version.
 */
export function emptyStorePage(host: string): { title: string; content: string } {
  const document = {
    host,
    routes: [['^/', 'page']],
    entries: { page: { methods: { GET: true }, index: 'index.md', try_extensions: ['.md'] } }
  }
  return {
    title: 'RELIW is running',
    content: `<h1>RELIW is running</h1>
<p>There is no site yet. Add the first one on the server, in the folder in which it was started; the
next request sees it, and nothing is restarted.</p>
<h2>A site</h2>
<p>A site is a folder with a <code>site.json</code>:</p>
${commands(`mkdir -p site/files
cat > site/site.json <<'END'
${layOut(document)}
END
echo '# Hi' > site/files/index.md
reliw import site`)}
<h2>An app behind it</h2>
<p>Here the app listens on port 3000:</p>
${commands(`reliw set PROXY:${host} \\
  '{"target": "localhost:3000"}'`)}
<h2>Only a folder</h2>
<p>To look at the files of a folder, no site is needed:</p>
${commands('reliw serve ./folder')}`
  }
}

function commands(text: string): string {
  return `<pre><code>${escapeHtml(text)}</code></pre>`
}

/** JSON in short lines, for phones. */
function layOut(document: object): string {
  return JSON.stringify(document, undefined, 2)
    .replace(/\[\s+\[\s+("[^"]*"),\s+("[^"]*")\s+\]\s+\]/, '[[$1, $2]]')
    .replace(/\[\s+("[^"]*")\s+\]/, '[$1]')
    .replace(/\{\s+("GET": true)\s+\}/, '{ $1 }')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
