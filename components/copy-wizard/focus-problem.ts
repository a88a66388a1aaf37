/** Takes somebody who may not go on to the first thing that is wrong; a field says so by what it is described by. */
export function focusFirstProblem(): void {
  const main = document.getElementById('main')
  const field = main?.querySelector<HTMLElement>('[aria-describedby$="-error"]')
  const control = field?.matches('input, textarea, select, button') ? field : firstControl(field)
  if (control) control.focus()
  else main?.querySelector('p[id$="-error"]')?.scrollIntoView({ block: 'center' })
}

function firstControl(group: HTMLElement | null | undefined): HTMLElement | null {
  return group?.querySelector<HTMLElement>(':is(input, textarea, select, button):not(:disabled)') ?? null
}
