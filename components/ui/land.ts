/** Where the focus goes when an overlay has closed, as Base UI asks for it. None: back to what opened it. */
export function land(place: HTMLElement | null | undefined): boolean {
  if (!place) return true
  // By hand, because Base UI would go on to the first control in it; and once the page is no longer inert.
  queueMicrotask(() => place.focus())
  return false
}
