'use client'

import { Dialog as Base } from '@base-ui/react/dialog'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useRef, useState, type ReactNode } from 'react'
import { land } from '@/components/ui/land'
import { Spinner } from '@/components/ui/spinner'
import { useTheme } from '@/components/ui/theme-provider'
import { paths } from '@/lib/paths'
import { SearchAnswer, searchKinds, type SearchKind } from '@/lib/search/schemas'
import { useAreas } from './shortcuts'

type CommandPaletteProps = { open: boolean; onOpenChange: (open: boolean) => void; onHelp: () => void }

const kindNames: Record<SearchKind, string> = {
  factory: 'Factories',
  runtime: 'Runtimes',
  node: 'Nodes',
  linkedService: 'Linked services',
  dataset: 'Datasets',
  pipeline: 'Pipelines',
  run: 'Runs',
}

/** Finds factories, runtimes, nodes, pipelines and runs, goes to areas, and runs actions. */
export function CommandPalette({ open, onOpenChange, onHelp }: CommandPaletteProps) {
  const router = useRouter()
  const isLeaving = useRef(false)
  function go(href: string) {
    isLeaving.current = true
    router.push(href)
  }
  function landing(): boolean {
    // What opened it goes with its page.
    const place = isLeaving.current ? document.querySelector<HTMLElement>('#main') : null
    isLeaving.current = false
    return land(place)
  }
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          finalFocus={landing}
          className="fixed top-[12vh] left-1/2 z-40 flex max-h-[70vh] w-[min(640px,calc(100vw-24px))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border bg-raised shadow-float outline-none"
        >
          <Base.Title className="sr-only">Search</Base.Title>
          <Palette close={() => onOpenChange(false)} go={go} onHelp={onHelp} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

type PaletteProps = { close: () => void; go: (href: string) => void; onHelp: () => void }

function Palette({ close, go, onHelp }: PaletteProps) {
  const [text, setText] = useState('')
  const { data, isFetching, isError } = useSearch(text)
  const actions = useActions({ go, onHelp }).filter(({ label }) => matches(label, text))
  const hits = text.trim() ? (data?.hits ?? []) : []

  function run(act: () => void) {
    close()
    act()
  }

  return (
    <Command shouldFilter={false} loop label="Search" className="flex min-h-0 flex-col">
      <div className="flex items-center gap-2 border-b px-4">
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Search or run an action"
          className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        {isFetching ? <Spinner /> : null}
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-1.5">
        {searchKinds.map((kind) => {
          const found = hits.filter((hit) => hit.kind === kind)
          if (found.length === 0) return null
          return (
            <PaletteGroup key={kind} heading={kindNames[kind]}>
              {found.map((hit) => (
                <PaletteItem
                  key={hit.href}
                  value={hit.href}
                  detail={hit.detail}
                  onSelect={() => run(() => go(hit.href))}
                >
                  {hit.label}
                </PaletteItem>
              ))}
            </PaletteGroup>
          )
        })}
        {actions.length > 0 ? (
          <PaletteGroup heading="Actions">
            {actions.map(({ label, detail, act }) => (
              <PaletteItem key={label} value={label} detail={detail} onSelect={() => run(act)}>
                {label}
              </PaletteItem>
            ))}
          </PaletteGroup>
        ) : null}
        {hits.length + actions.length === 0 && !isFetching ? (
          <p className="px-3 py-6 text-center text-fg-muted">Nothing is called “{text}”.</p>
        ) : null}
        {isError ? (
          <p className="px-3 py-2 text-sm text-bad-text">The portal did not answer the search.</p>
        ) : null}
      </Command.List>
    </Command>
  )
}

function useSearch(text: string) {
  const query = useDeferredValue(text.trim())
  return useQuery({
    queryKey: ['search', query],
    enabled: query.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const response = await fetch(paths.search(query), { signal })
      if (!response.ok) throw new Error(`search answered ${response.status}`)
      return SearchAnswer.parse(await response.json())
    },
  })
}

type PaletteAction = { label: string; detail?: string; act: () => void }

function useActions({ go, onHelp }: Pick<PaletteProps, 'go' | 'onHelp'>): PaletteAction[] {
  const { setTheme } = useTheme()
  return [
    ...useAreas().map(({ label, href, key }) => ({
      label: `Go to ${label.toLowerCase()}`,
      detail: `g ${key}`,
      act: () => go(href),
    })),
    { label: 'Use the light theme', act: () => setTheme('light') },
    { label: 'Use the dark theme', act: () => setTheme('dark') },
    { label: 'Use the system’s theme', act: () => setTheme('system') },
    { label: 'Show the keyboard’s shortcuts', detail: '?', act: onHelp },
  ]
}

/** Every word typed must occur. */
function matches(label: string, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return words.every((word) => label.toLowerCase().includes(word))
}

function PaletteGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-fg-muted"
    >
      {children}
    </Command.Group>
  )
}

type PaletteItemProps = {
  value: string
  detail?: string | undefined
  onSelect: () => void
  children: ReactNode
}

function PaletteItem({ value, detail, onSelect, children }: PaletteItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 aria-selected:bg-neutral-4"
    >
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {detail ? <span className="shrink-0 text-sm text-fg-muted">{detail}</span> : null}
    </Command.Item>
  )
}
