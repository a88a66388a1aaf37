'use client'

import { cloneElement, useState, type ReactElement, type ReactNode } from 'react'

/** The button that opens something: it must take these. */
export type Trigger = ReactElement<{
  onClick?: () => void
  onPointerEnter?: () => void
  onFocus?: () => void
  'aria-haspopup'?: 'menu' | 'dialog'
  'aria-expanded'?: boolean
}>

type OnPressProps = {
  /** The button, as it is before it was ever pressed. */
  trigger: Trigger
  popup: 'menu' | 'dialog'
  /** Begins to fetch what the press will need. */
  preload: () => unknown
  /** What takes the button's place, already open. */
  children: () => ReactNode
}

/** A button whose popup is fetched when a pointer or the focus comes near: most are never opened. */
export function OnPress({ trigger, popup, preload, children }: OnPressProps) {
  const [pressed, setPressed] = useState(false)
  if (pressed) return children()
  return cloneElement(trigger, {
    onClick: () => setPressed(true),
    onPointerEnter: () => void preload(),
    onFocus: () => void preload(),
    'aria-haspopup': popup,
    'aria-expanded': false,
  })
}
