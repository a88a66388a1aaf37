/** A path of this portal to go back to after sign-in; anything that could lead elsewhere becomes the home page. */
export function safeReturnPath(wanted: string | null | undefined): string {
  // A browser reads a backslash as a slash, and drops tabs and newlines: `/\evil`, `/<tab>/evil`.
  // eslint-disable-next-line no-control-regex
  if (!wanted || !/^\/(?!\/)[^\\\u0000-\u001f]*$/.test(wanted) || wanted.length > 2000) return '/'
  const { origin, pathname, search } = new URL(wanted, 'https://portal.invalid')
  // Dots resolve away, so `/..//evil` only now begins with two slashes.
  return origin === 'https://portal.invalid' && !pathname.startsWith('//') ? pathname + search : '/'
}

/** The address of a request as its browser shows it: Next's own fetches carry a mark, and would bring it back. */
export function shownAddress(requested: string): string {
  const { pathname, searchParams } = new URL(requested, 'https://portal.invalid')
  searchParams.delete('_rsc')
  return searchParams.size > 0 ? `${pathname}?${searchParams}` : pathname
}
