/** Takes somebody who may not go on to the first thing that is wrong; a field says so by what it is described by. */
export function focusFirstProblem(): void {
  const main = document.getElementById('main')
  const field = main?.querySelector<HTMLElement>('[aria-describedby$="-error"]')
  // What is more than a field stands with its message in one box.
  const box = field ?? main?.querySelector<HTMLElement>('p[id$="-error"]')?.parentElement
  const control = box?.matches('input, textarea, select, button, [role="listbox"]') ? box : firstControl(box)
  control?.focus()
}

/** Of radios the chosen one, from where arrows go on. */
function firstControl(group: HTMLElement | null | undefined): HTMLElement | null {
  const chosen = group?.querySelector<HTMLElement>('input[type="radio"]:checked:not(:disabled)')
  if (chosen) return chosen
  return group?.querySelector<HTMLElement>(':is(input, textarea, select, button):not(:disabled)') ?? null
}
