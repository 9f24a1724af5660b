const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** Words that turn what follows within three telling words. Contractions ending in n't are found by their ending. */
export const negators = set(
  `not no never nobody none nothing nor neither nowhere without cannot cant dont doesnt didnt isnt arent wasnt werent
   wont wouldnt couldnt shouldnt hasnt havent hadnt aint hardly barely scarcely rarely seldom lack lacks lacked lacking
   unable less nope nah zero`,
);

/** Boosters with the share they add to the word they precede; negative ones dampen. */
export const boosters: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...share(
      0.35,
      `absolutely amazingly awfully completely deeply enormously entirely especially exceptionally extremely
      fabulously fucking hella highly hugely immensely incredibly insanely intensely outrageously overwhelmingly painfully
      particularly perfectly phenomenally profoundly purely remarkably ridiculously seriously shockingly so super
      supremely terribly thoroughly totally tremendously truly unbelievably uber ultra utterly very wildly wonderfully
      exceedingly extraordinarily freaking damn bloody mega majorly staggeringly astonishingly`,
    ),
    ...share(
      0.2,
      `really quite much more most pretty considerably decidedly definitely genuinely certainly clearly
      greatly honestly indeed always ever such real well way far even total complete absolute utter massive huge big
      strongly truely super-duper all whatsoever`,
    ),
    ...share(
      -0.3,
      `almost barely fairly hardly kinda kindof less little marginally merely mildly mostly occasionally
      partly rather relatively scarcely semi slight slightly somewhat sorta sortof sometimes maybe perhaps possibly
      arguably moderately tolerably vaguely potentially seemingly supposedly theoretically`,
    ),
  }),
);

function share(by: number, words: string): Record<string, number> {
  return Object.fromEntries(words.split(/\s+/).map((word) => [word, by]));
}

/** Words that carry no weight of their own: they do not use up a negation's reach, and they tell that a text is English. */
export const functionWords = set(
  `a an the this that these those it its he she they we i you me him her us them my your his our their and or of in on
   at to for from by with about as is are was were be been being am do does did has have had will would can could shall
   should may might must there here what which who whom whose when where how why if then than so too also any some all
   both each every other another such own same into over under again once up down out off between through during before
   after above below while because until again only just even ever really very quite much more most think thought
   believe say said feel felt find found see seem seems look looks get got go going made make let one thing things way
   particularly especially actually necessarily anyone anybody anything someone i'm it's that's there's you're they're
   we're he's she's i've we've they've i'd you'd i'll we'll you'll isn't aren't don't doesn't didn't can't won't not no`,
);

/** Words after which the rest of a sentence weighs more than what came before. */
export const contrasts = set('but however nevertheless nonetheless yet except');

/** Plain verbs that mean a fault when they are negated: "it does not work". */
export const expectedVerbs = set(
  `work works working worked load loads loading compile compiles compiled respond responds responded render renders
   start starts help helps helped care cares cared bother bothers bothered scale scales scaled deliver delivers delivered
   convince convinced understand listen listens listened run runs open opens finish finished answer answered arrive
   arrived apologise apologised apologize apologized fix fixed respect properly`,
);

/** What makes a wish of a comparative: "could be faster" is a complaint. */
export const wishes = set('could should needs ought wish wished');

/** Adverbs of degree that say nothing of their own, whatever stands after them. */
export const plainAdverbs = set(
  `clearly honestly seriously truly really genuinely definitely certainly greatly highly well total complete real such
   overwhelmingly positively properly readily prompt`,
);
