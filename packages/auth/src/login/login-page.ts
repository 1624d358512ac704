/** What a login form shows and asks for. */
export interface LoginForm {
  /** The path that the form is sent to. */
  action: string
  csrf: string
  /** The path to go to after the login. */
  next: string
  /** Why the last attempt failed, or a warning. */
  message?: string | undefined
  /** Asks for the code of a second factor instead of a user name and a password. */
  code?: boolean
  /** The label of the button that leads to the provider; undefined: no button. */
  provider?: string | undefined
  /** The user name that the client sent. */
  login?: string
}

/** The login form as HTML: it works without scripts, and the site's layout can style it by its classes. */
export function loginForm(form: LoginForm): string {
  const { action, csrf, next, message, provider } = form
  const fields = form.code === true ? CODE : credentials(form.login ?? '', message !== undefined)
  return `${STYLE}
<section class="rlw-login">
<h1>${form.code === true ? 'One more step' : 'Sign in'}</h1>
${message === undefined ? '' : `<p class="rlw-message" role="alert">${escapeHtml(message)}</p>`}
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="csrf" value="${escapeHtml(csrf)}">
<input type="hidden" name="next" value="${escapeHtml(next)}">
${fields}
</form>
${provider === undefined ? '' : providerLink(action, next, provider)}
</section>`
}

/** The form that confirms a logout which the user may not have asked for. */
export function logoutForm(action: string): string {
  return `${STYLE}
<section class="rlw-login">
<h1>Sign out?</h1>
<form method="post" action="${escapeHtml(action)}"><button>Sign out</button></form>
</section>`
}

/** A complete page, for sites without a layout. */
export function barePage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>:root { color-scheme: light dark } body { font: 100%/1.6 system-ui, sans-serif; margin: 2rem 1.25rem }</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
}

const STYLE = `<style>
.rlw-login { max-width: 22rem; margin: 0 auto }
.rlw-login form { display: grid; gap: .35rem; margin: 1.5rem 0 }
.rlw-login input:not([type="hidden"]), .rlw-login button, .rlw-login .rlw-provider {
  font: inherit; width: 100%; box-sizing: border-box; min-height: 2.75rem; padding: .5rem .75rem;
  border: 1px solid #8a93a0; border-radius: 8px
}
.rlw-login input { margin-bottom: .75rem; background: Field; color: FieldText }
.rlw-login button { border: 0; background: #0756b8; color: #fff; font-weight: 600; cursor: pointer }
.rlw-login .rlw-provider { display: block; text-align: center; text-decoration: none }
.rlw-login .rlw-message { padding: .6rem .8rem; border-left: 4px solid #b3261e; border-radius: 4px;
  background: color-mix(in srgb, #b3261e 12%, transparent) }
</style>`

function credentials(login: string, isSecondTry: boolean): string {
  const isFilledIn = isSecondTry && login !== ''
  return `<label for="rlw-login">User name</label>
<input id="rlw-login" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${escapeHtml(login)}"${isFilledIn ? '' : ' autofocus'}>
<label for="rlw-password">Password</label>
<input id="rlw-password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${isFilledIn ? ' autofocus' : ''}>
<button>Sign in</button>`
}

const CODE = `<label for="rlw-code">Code from your authenticator app</label>
<input id="rlw-code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required maxlength="10" autofocus>
<button>Sign in</button>`

function providerLink(action: string, next: string, label: string): string {
  const address = `${action}?provider&next=${encodeURIComponent(next)}`
  return `<p><a class="rlw-provider" href="${escapeHtml(address)}">${escapeHtml(label)}</a></p>`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
