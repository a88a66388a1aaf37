'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { lazy, useCallback, useEffect, useRef, useState } from 'react'
import { OnOpen } from '@/components/form/on-open'
import { ReadError } from '@/components/live/read-json'
import { onUnauthenticated } from '@/components/live/unauthenticated'
import { Button } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import { useEachSecond } from '@/components/ui/use-now'
import type { SessionLeft } from '@/lib/account/queries'
import { formatDuration } from '@/lib/format'
import { sessionQuery } from './session-query'

const SignInAgain = lazy(async () => ({ default: (await import('./sign-in-again')).SignInAgain }))

type SessionWatchProps = { initial: SessionLeft; email: string }

/**
 * Keeps the session alive while somebody uses this page (blueprint, section 4: it ends after 30 minutes without use).
 * Pointer and keys are use; so is a live page in a visible tab, which somebody watches. Says when the end is near, and
 * lets people sign in again where they are, with everything they typed.
 */
export function SessionWatch({ initial, email }: SessionWatchProps) {
  const router = useRouter()
  const client = useQueryClient()
  const { takeUse, usedSince } = useUse()
  const session = useQuery({ ...sessionQuery(client, takeUse), initialData: initial })
  const { data, dataUpdatedAt, error, refetch } = session
  const hasEnded = error instanceof ReadError && error.code === 'unauthenticated'
  const [asking, setAsking] = useState(false)
  const [known, setKnown] = useState(false)
  if (hasEnded !== known) {
    setKnown(hasEnded)
    setAsking(hasEnded)
  }
  const end = nearestEnd(data)
  const secondsLeft = useEachSecond(() => secondsToSay(dataUpdatedAt + end.ms)) ?? never
  const isNear = secondsLeft !== never && !hasEnded
  useEffect(() => {
    // Somebody else signed in, here or in another tab: what this page shows is not theirs.
    if (data.userId !== initial.userId) window.location.reload()
  }, [data.userId, initial.userId])
  const look = useCallback(() => void refetch({ cancelRefetch: false }), [refetch])
  useEffect(
    () =>
      onUnauthenticated((byPerson) => {
        look()
        // Its notice may lie below an open form, where it cannot be reached.
        if (byPerson && hasEnded) setAsking(true)
      }),
    [look, hasEnded],
  )
  useEffect(() => {
    if (secondsLeft <= 0) look()
  }, [secondsLeft, look])
  useEffect(
    () => (isNear && end.why === 'idle' ? usedSince(look) : undefined),
    [isNear, end.why, usedSince, look],
  )

  async function handleSignedIn() {
    await refetch()
    setAsking(false)
    await client.invalidateQueries()
    router.refresh()
  }

  return (
    <>
      {asking ? null : (
        <Standing
          hasEnded={hasEnded}
          end={isNear ? end.why : null}
          secondsLeft={secondsLeft}
          onKeep={look}
          onSignIn={() => setAsking(true)}
        />
      )}
      <OnOpen open={asking}>
        <SignInAgain
          open={asking}
          onOpenChange={setAsking}
          email={email}
          hasEnded={hasEnded}
          onSignedIn={() => void handleSignedIn()}
        />
      </OnOpen>
    </>
  )
}

type StandingProps = {
  hasEnded: boolean
  /** Why it will end soon; null while it will not. */
  end: 'idle' | 'total' | null
  secondsLeft: number
  onKeep: () => void
  onSignIn: () => void
}

/** How it stands with the session, where somebody should know. */
function Standing({ hasEnded, end, secondsLeft, onKeep, onSignIn }: StandingProps) {
  const left = formatDuration(secondsLeft * 1000)
  if (hasEnded)
    return (
      <Notice tone="bad" title="Your session has ended" press={['Sign in', onSignIn]}>
        What you typed on this page is still here.
      </Notice>
    )
  if (end === 'idle')
    return (
      <Notice tone="warn" title={`You will be signed out in ${left}`} press={['Stay signed in', onKeep]}>
        Nobody has used this page for a while.
      </Notice>
    )
  if (end === null) return null
  return (
    <Notice tone="warn" title={`Your session ends in ${left}`} press={['Sign in again', onSignIn]}>
      12 hours have passed since you signed in. What you typed on this page stays here.
    </Notice>
  )
}

type NoticeProps = {
  tone: 'warn' | 'bad'
  title: string
  press: [label: string, act: () => void]
  children: string
}

function Notice({ tone, title, press: [label, act], children }: NoticeProps) {
  return (
    <div className="fixed inset-x-4 bottom-4 z-40 mx-auto max-w-160 rounded-lg bg-panel shadow-float">
      <Callout
        tone={tone}
        title={title}
        live
        action={
          <Button size="sm" onClick={act}>
            {label}
          </Button>
        }
      >
        {children}
      </Callout>
    </div>
  )
}

const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const

/** Pointer and keys on this page. */
function useUse() {
  const used = useRef(false)
  const listener = useRef<(() => void) | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const note = () => {
      used.current = true
      listener.current?.()
    }
    for (const input of inputs)
      document.addEventListener(input, note, { signal: stop.signal, capture: true, passive: true })
    return () => stop.abort()
  }, [])
  /** Whether there was any since the last question. */
  const takeUse = useCallback(() => {
    const was = used.current
    used.current = false
    return was
  }, [])
  const usedSince = useCallback((act: () => void) => {
    listener.current = act
    return () => void (listener.current = null)
  }, [])
  return { takeUse, usedSince }
}

/** Long enough to save, or to press a button (WCAG 2.2, 2.2.1 asks for 20 seconds). */
const warnSeconds = 120
const never = Number.MAX_SAFE_INTEGER

/** In steps, because each change is read out to those who listen to the page. */
function secondsToSay(endsAt: number): number {
  const seconds = Math.ceil((endsAt - Date.now()) / 1000)
  if (seconds > warnSeconds) return never
  const step = seconds > 30 ? 30 : 10
  return Math.max(0, Math.ceil(seconds / step) * step)
}

function nearestEnd({ idleMs, totalMs }: SessionLeft): { why: 'idle' | 'total'; ms: number } {
  return idleMs < totalMs ? { why: 'idle', ms: idleMs } : { why: 'total', ms: totalMs }
}
