import type { Entry } from '@reliw/model'
import { defaultLayout } from '../rendering/default-layout.ts'
import type { PageRenderer } from './page-renderer.ts'

/** The contents of a login page. */
export interface LoginPage {
  title: string
  /** HTML. */
  content: string
  /** The entry whose `css_file` and `favicon_file` are used. */
  entry?: Entry | undefined
}

/** Puts a login page into the host's layout, or into the default layout when the host's is not available. */
export async function renderLoginPage(
  pageRenderer: PageRenderer,
  host: string,
  { title, content, entry }: LoginPage
): Promise<string> {
  const layout = await pageRenderer.loginLayout(host).catch(() => defaultLayout)
  const { css_file, favicon_file } = entry ?? {}
  return layout.render({ title, content, css_file, favicon_file, class: 'login' })
}
