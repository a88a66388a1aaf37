'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { Dialog } from '@/components/ui/dialog'
import { Kbd } from '@/components/ui/kbd'
import { isTyping } from '@/components/ui/keys'
import { factoryAreas, tenantAreas, type Area } from './areas'
import { factoryOf } from './trail'

type ShortcutsProps = { onSearch: () => void; onHelp: () => void }

/** How long `g` waits for its letter. */
const sequenceMs = 1_200

/** The portal's keys: ⌘K searches, `?` helps, `/` filters, `g` and a letter goes. */
export function useShortcuts({ onSearch, onHelp }: ShortcutsProps) {
  const router = useRouter()
  const areas = useAreas()
  const goingUntil = useRef(0)
  useEffect(() => {
    function go(event: KeyboardEvent): boolean {
      const area = areas.find(({ key }) => key === event.key)
      const going = event.timeStamp < goingUntil.current
      goingUntil.current = event.key === 'g' ? event.timeStamp + sequenceMs : 0
      if (going && area) router.push(area.href)
      return going && Boolean(area)
    }
    function onKey(event: KeyboardEvent) {
      if (event.key === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault()
        onSearch()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return
      const filter = event.key === '/' ? document.querySelector<HTMLElement>('[data-filter]') : null
      if (filter) filter.focus()
      else if (event.key === '?') onHelp()
      else if (!go(event)) return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [areas, router, onSearch, onHelp])
}

/** Every area that can be gone to from here. */
export function useAreas(): Area[] {
  const factory = factoryOf(usePathname())
  return [...(factory ? factoryAreas(factory) : []), ...tenantAreas]
}

/** The list of keys. */
export function KeyboardHelp({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  const areas = useAreas()
  const keys: [keys: string[], what: string][] = [
    [['⌘', 'K'], 'Search and run actions (Ctrl K elsewhere)'],
    [['/'], 'Filter this list'],
    [['j'], 'Next row'],
    [['k'], 'Previous row'],
    [['Enter'], 'Open the row'],
    [['Esc'], 'Close'],
    [['?'], 'These keys'],
    ...areas.map(({ key, label }): [string[], string] => [['g', key], `Go to ${label.toLowerCase()}`]),
  ]
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2 text-sm">
        {keys.map(([strokes, what]) => (
          <div key={what} className="col-span-2 grid grid-cols-subgrid items-center">
            <dt className="flex gap-1">
              {strokes.map((stroke) => (
                <Kbd key={stroke}>{stroke}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
