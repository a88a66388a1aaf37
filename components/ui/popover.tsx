'use client'

import { lazy, Suspense, type ReactNode } from 'react'
import { OnPress, type Trigger } from './on-press'

export type PopoverProps = {
  /** The button that opens it. */
  trigger: Trigger
  /** Names the popover for a screen reader. */
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  className?: string
}

const load = () => import('./popover-opened')
const PopoverOpened = lazy(async () => ({ default: (await load()).PopoverOpened }))

/** A small surface beside its button, opened by press; it closes on Escape and on a press outside. */
export function Popover(props: PopoverProps) {
  return (
    <OnPress trigger={props.trigger} popup="dialog" preload={load}>
      {() => (
        <Suspense fallback={props.trigger}>
          <PopoverOpened {...props} />
        </Suspense>
      )}
    </OnPress>
  )
}
