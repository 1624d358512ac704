/**
 * The layout of sites without a layout of their own: readable, light or dark as the reader's system is, without further
 * requests.
 */
import { parseLayout } from './layout.ts'

const style = `
    :root {
      color-scheme: light dark;
      --text: #1f2328; --muted: #59636e; --link: #0756b8;
      --back: #fff; --panel: #f4f5f7; --line: #d5d9df;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --text: #e3e7ec; --muted: #9aa4af; --link: #7db4ff;
        --back: #14171b; --panel: #1e2228; --line: #363c45;
      }
    }
    *, ::before, ::after { box-sizing: border-box }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
    body { margin: 0; background: var(--back); color: var(--text) }
    body { font: 100%/1.65 system-ui, sans-serif }
    main { max-width: 44rem; margin: 0 auto; padding: clamp(1.5rem, 6vw, 4rem) 1.25rem }
    main { overflow-wrap: break-word }
    h1, h2, h3, h4, h5, h6 { margin: 2em 0 .6em; line-height: 1.25; text-wrap: balance }
    main > :first-child, main > section:first-child > :first-child { margin-top: 0 }
    h1 { font-size: clamp(1.75rem, 5vw, 2.25rem) }
    h2 { font-size: 1.5rem }
    h3 { font-size: 1.2rem }
    h4, h5, h6 { font-size: 1rem }
    a { color: var(--link); text-underline-offset: .15em }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
    img, video, svg { max-width: 100%; height: auto }
    code, pre, kbd, samp { font: .9em/1.5 ui-monospace, monospace }
    code { padding: .1em .3em; border-radius: 4px; background: var(--panel) }
    pre { padding: 1rem; border: 1px solid var(--line); border-radius: 8px; overflow-x: auto }
    pre { background: var(--panel) }
    pre code { padding: 0; background: none; font-size: 1em }
    blockquote { margin: 1.5em 0; padding-left: 1rem; border-left: 4px solid var(--line) }
    blockquote { color: var(--muted) }
    table { display: block; max-width: 100%; border-collapse: collapse; overflow-x: auto }
    th, td { padding: .4em .8em; border: 1px solid var(--line); text-align: left }
    th { background: var(--panel) }
    hr { margin: 2.5em 0; border: 0; border-top: 1px solid var(--line) }
    .task-list { padding-left: 1rem; list-style: none }
    .request-id { margin-top: 2.5em; color: var(--muted); font-size: .875rem }
    @media print { main { max-width: none; padding: 0 } }
`

/**
 * The parsed layout. `class` is the class of the body; `css_file` comes after the built-in style and can override it.
 */
export const defaultLayout = parseLayout(`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>\${title}</title>
  <style>${style}  </style>
  <link rel="icon" href="\${favicon_file}">
  <link rel="stylesheet" href="\${css_file}">
</head>
<body class="\${class}">
<main>
\${content}
</main>
</body>
</html>
`)
