import type { Option } from '@/components/ui/select'

const known: readonly Option[] = [
  { value: ',', label: 'Comma (,)' },
  { value: ';', label: 'Semicolon (;)' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe (|)' },
]

/** What columns of a CSV file may be divided by: a tab cannot be typed into a field. A definition may bring another. */
export function delimiterOptions(current: string): readonly Option[] {
  return known.some(({ value }) => value === current) ? known : [...known, { value: current, label: current }]
}
