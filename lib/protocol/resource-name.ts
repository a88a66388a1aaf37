/** What is wrong with a name of a factory, a runtime or anything inside a factory: Data Factory's rules (adf-and-shir.md, sections 1.2 and 2). */
export function resourceNameProblem(name: string): string | null {
  if (name.length < 3) return 'Use at least 3 characters'
  if (name.length > 63) return 'Use at most 63 characters'
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name))
    return 'Use letters, digits and single hyphens; begin and end with a letter or digit'
  return name.includes('--') ? 'Use single hyphens only' : null
}
