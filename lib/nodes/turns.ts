/**
 * When nodes hear what concerns all nodes of their runtime, such as a moved vault: each answers it with several requests,
 * so that a fleet that hears it at once would ask for everything at the same time.
 */
const toldAtOnce = 50
const toldPerSecond = 50
/** While a fleet registers the vault moves all the time: who has just heard of it takes a breath before it hears again. */
const breathMs = 250

/** For each of so many polls, how long it waits for its turn. `random` is from 0 to 1. */
export function turnMs(polls: number, random: number): number {
  return polls <= toldAtOnce ? 0 : (random * polls * 1000) / toldPerSecond
}

/** The same for a poll that has just come; a newcomer knows nothing yet, and somebody waits for it. */
export function arrivalTurnMs(
  { polls, isNewcomer }: { polls: number; isNewcomer: boolean },
  random: number,
): number {
  return Math.max(isNewcomer ? 0 : breathMs, turnMs(polls, random))
}
