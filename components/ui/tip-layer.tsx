'use client'

import { useEffect, useRef } from 'react'

/** Long enough not to flicker under a passing pointer, short enough not to be waited for; milliseconds. */
const showAfterMs = 350
const hideAfterMs = 120
/** Between the tip and what it belongs to, and between the tip and the window's edge; pixels. */
const gap = 6

/** The one tip of the page: shows `data-tip` of what is hovered or focused, or pressed where it has `data-tip-press`. */
export function TipLayer() {
  const tip = useRef<HTMLDivElement>(null)
  useEffect(() => (tip.current ? serveTips(tip.current) : undefined), [])
  return (
    <div
      ref={tip}
      // What it says is said to a screen reader by its owner's own label or description.
      aria-hidden
      popover="manual"
      className="floating inset-auto m-0 max-w-80 px-2.5 py-1.5 text-xs whitespace-pre-line tabular-nums"
    />
  )
}

function serveTips(tip: HTMLElement): () => void {
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let shown: HTMLElement | null = null

  function show(owner: HTMLElement) {
    clearTimeout(timer)
    // What the button has opened says more than its name, and Escape is meant for it.
    if (owner.querySelector('[aria-expanded="true"]')) return
    shown = owner
    tip.textContent = owner.dataset['tip'] ?? ''
    tip.showPopover()
    place(tip, owner.getBoundingClientRect())
  }
  function hide() {
    clearTimeout(timer)
    shown = null
    tip.hidePopover()
  }
  /** What was about to be shown neither. */
  function drop() {
    if (shown) hide()
    else clearTimeout(timer)
  }
  function after(ms: number, act: () => void) {
    clearTimeout(timer)
    timer = setTimeout(act, ms)
  }

  const listen = <Name extends keyof DocumentEventMap>(
    name: Name,
    act: (event: DocumentEventMap[Name]) => void,
  ) => document.addEventListener(name, act, { signal: stop.signal, capture: true, passive: true })
  listen('pointerover', (event) => {
    if (event.pointerType !== 'mouse') return
    const owner = ownerOf(event.target)
    if (owner === shown && owner) clearTimeout(timer)
    else if (owner) after(shown ? 0 : showAfterMs, () => show(owner))
    else if (event.target === tip) clearTimeout(timer)
    else if (shown) after(hideAfterMs, hide)
    else clearTimeout(timer)
  })
  listen('focusin', ({ target }) => {
    const owner = target instanceof Element && target.matches(':focus-visible') ? ownerOf(target) : null
    if (owner) show(owner)
    else drop()
  })
  listen('focusout', () => shown && hide())
  listen('click', ({ target }) => {
    const owner = ownerOf(target)
    if (owner && 'tipPress' in owner.dataset) show(owner)
    else drop()
  })
  listen('keydown', (event) => {
    if (event.key !== 'Escape' || !shown) return
    // Escape closes one thing at a time: what lies below stays open.
    event.stopImmediatePropagation()
    hide()
  })
  listen('scroll', () => shown && place(tip, shown.getBoundingClientRect()))
  return () => {
    stop.abort()
    clearTimeout(timer)
  }
}

function ownerOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null
}

/** Above its owner, or below where there is no room, and never beyond the window. */
function place(tip: HTMLElement, owner: DOMRect) {
  const { offsetWidth: width, offsetHeight: height } = tip
  const left = owner.left + owner.width / 2 - width / 2
  const above = owner.top - height - gap
  tip.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`
  tip.style.top = `${above >= gap ? above : owner.bottom + gap}px`
}
