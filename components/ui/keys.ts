/** Whether a key press belongs to a control or an open dialog, so that a page's own shortcut must not take it. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (event.defaultPrevented || event.isComposing || !(target instanceof HTMLElement)) return true
  if (target.isContentEditable || target.closest('[role="dialog"], [role="menu"], [role="listbox"]'))
    return true
  return target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')
}
