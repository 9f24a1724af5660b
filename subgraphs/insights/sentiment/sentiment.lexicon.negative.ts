/**
 * Negative words by strength, 0..4 (stored without the sign), as base forms: the look-up finds inflections by itself.
 * Words that are mostly vocabulary of this field (error, fatal, kill, conflict) weigh little: a manual is not an angry text.
 */
export const negativeWords: readonly (readonly [strength: number, words: string])[] = [
  [
    3.4,
    `horrible horrific horrendous atrocious abysmal appalling despicable abhorrent abhor loathe loathsome detest
     detestable vile evil hateful hate hatred disgusting disgust disgusted revolting repulsive sickening worst
     catastrophe catastrophic disaster disastrous nightmare nightmarish hideous monstrous rape murder torture
     genocide terrorist massacre slaughter abuse abusive excruciating unforgivable inexcusable unbearable
     insufferable intolerable devastate devastated devastating wretched heinous suicide suicidal`,
  ],
  [
    3,
    `terrible awful dreadful ghastly garbage rubbish shit shitty bullshit crap crappy trash trashy pathetic
     disgrace disgraceful outrageous outrage outraged furious fury enraged rage infuriating infuriate scam
     fraud fraudulent corrupt corruption betray betrayed betrayal traitor cruel cruelty brutal vicious malicious
     malice sadistic savage violent violence hell hellish miserable misery agony anguish heartbreaking heartbroken
     heart-breaking tragic tragedy traumatic trauma grief grieve mourn despair desperate hopeless hopelessness
     worthless useless unusable godawful god-awful fuck fucking fucked fucker motherfucker bloody-awful suck sucks
     sucked sucky toxic poisonous racist racism sexist sexism bigot bigotry nazi fascist humiliate humiliating
     humiliation shameful shameless unacceptable insult insulting offensive offend obscene vulgar filthy filth
     putrid rotten rot foul stink stinks stinking stinky cancerous plague`,
  ],
  [
    2.6,
    `bad badly poor poorly ugly nasty gross hated angry anger angrily mad resent resentment bitter
     bitterness hostile hostility contempt contemptuous despise scorn mock mocked mockery ridicule ridiculous
     absurd ludicrous laughable stupid stupidity dumb idiotic moronic imbecilic foolish brainless mindless
     senseless clueless incompetent incompetence inept ineptitude negligent negligence reckless irresponsible
     dishonest dishonesty deceit deceitful deceive deceived deception deceptive lie lied liar lying mislead
     misleading misled manipulate manipulative cheat cheated cheating steal stole stolen theft thief rob robbed
     plagiarise plagiarize plagiarism rip-off ripoff ripped-off swindle extort extortion exploit exploitation harass
     harassment bully bullied bullying threaten threatening threat intimidate intimidating torment suffer suffering
     pain painful painfully hurt hurtful hurting wound wounded cry cried crying weep wept sob depressing depressed
     depression sad sadly sadden sadness sorrow sorrowful unhappy miserably gloomy dismal bleak grim lonely
     loneliness disappointed disappointing disappoint disappointment let-down letdown frustrate frustrated
     frustrating frustration annoy annoyed annoying annoyance irritate irritated irritating irritation aggravating
     exasperated exasperating regret regrettable regretful ashamed shame embarrass embarrassed embarrassing
     embarrassment fail failed failing failure fiasco flop ruin ruined ruining destroy destroyed destruction
     destructive wreck wrecked waste wasted wasteful wasting broken dead-end doomed doom unfair unjust injustice
     unreliable unstable unhelpful unfriendly unprofessional unethical untrustworthy overpriced
     mess messy shambles sloppy shoddy lousy junk clunky buggy bloated bloat cluttered convoluted incoherent
     incomprehensible unreadable illegible unintelligible gibberish nonsense nonsensical drivel bogus fake phony
     phoney sham hoax scandal scandalous terrify terrified terrifying horrify horrified horrifying horror terror
     scare scared scary frighten frightened frightening fear fearful panic panicked dread dreaded nauseating
     nauseous vomit puke creepy sinister menacing disturbing disturbed alarming appalled atrocity inferior mediocre`,
  ],
  [
    2,
    `boring bored bore tedious dull bland tiresome tired exhausting exhausted weary monotonous repetitive
     pointless meaningless futile fruitless needless unnecessary superficial shallow vapid hollow
     lazy laziness careless sluggish slow slowly laggy lag unresponsive flaky fragile brittle crash crashed
     crashing freeze froze frozen glitch glitchy corrupted leak leaked leaking breach breached hacked
     compromised insecure unsafe dangerous danger harmful harm harmed damaging damage damaged injury injure
     inaccurate incorrect wrong wrongly false falsely flawed flaw faulty defect defective mistaken mistake
     misguided confusing confused confuse confusion bewildering perplexing baffling cryptic obscure vague
     inconsistent contradictory contradiction hypocrite hypocrisy hypocritical biased bias prejudice unfounded
     baseless clickbait spam spammy spammer propaganda censor censored censorship ban banned unfairly arrogant
     arrogance pompous pretentious smug condescending patronising patronizing snob snobbish rude rudeness impolite
     disrespect disrespectful dismissive selfish greedy greed stingy jealous jealousy envy envious spiteful spite
     vindictive vengeful petty mean-spirited cold-hearted heartless ruthless callous indifferent ignorant ignorance
     narrow-minded stubborn obnoxious hysterical paranoid delusional irrational illogical unreasonable impossible
     worry worried worrying worrisome anxious anxiety nervous afraid stress stressed stressful upset upsetting
     distress distressed distressing dismay dismayed discouraged discouraging demoralising demoralizing worse
     worsen worsening deteriorate decline degrade degraded deplorable lament lamentable pity pitiful pathetically
     suspicious suspect shady sketchy dodgy fishy sleazy cringe cringy cringeworthy eyesore outdated obsolete
     archaic antiquated inadequate insufficient deficient lacklustre lackluster underwhelming unimpressive
     overrated overhyped overcomplicated overengineered over-engineered complicated cumbersome awkward clumsy
     unwieldy hacky kludge kludgy spaghetti tangled bother bothersome nuisance hassle headache pain-point burden
     burdensome struggle struggled struggling plagued riddled marred tarnished spoil spoiled spoilt sabotage
     vandalise vandalize vandalism attack attacked assault war kill killed killer die died death dead deadly
     lose loser lost loss losing defeat defeated reject rejected rejection abandon abandoned neglect neglected
     ignore ignored deny denied refuse refused betraying deserted forsaken unwanted unwelcome unloved victim
     crime criminal illegal guilty guilt blame blamed accuse accused condemn condemned damn damned goddamn wtf
     bug-ridden half-baked half-assed half-hearted halfhearted half-finished third-rate second-rate nonstarter
     frown whine whining whiny rant scream screaming yell yelling shout shouting quarrel fight feud insulted`,
  ],
  [
    1.3,
    `problem problematic trouble troubled troubling troublesome complain complained complaining
     complaint concern concerned concerning doubt doubtful dubious sceptical skeptical unsure uncertain uncertainty
     hesitant reluctant difficult difficulty tough tricky hardship obstacle hinder hindrance limitation limited
     lack lacking lacks incomplete unfinished unclear ambiguous disorganised disorganized chaotic chaos
     noisy noise crowded crooked stale dated rusty dusty dirty cheap expensive costly pricey overkill overload
     overwhelmed overwhelming unfortunate unfortunately sorry apologise apologize apology oops alas miss missed
     weak weakness weird odd strange bizarre suboptimal inefficient ineffective inconvenient inconvenience
     uncomfortable discomfort unpleasant unattractive unappealing undesirable unsatisfactory unsatisfied
     dissatisfied dissatisfaction displeased displeasing disagree disagreed disagreement disapprove
     oppose opposed criticise criticize criticism critic controversial contentious dispute disputed
     break breaks breaking broke regression regressions downtime outage vulnerable vulnerability invalid
     unsupported undocumented untested unmaintained unstructured clutter distracting distract distraction intrusive
     invasive annoyingly nag nagging interrupt disrupt disruptive disruption delay delayed late overdue postponed
     stuck trapped blocked jam jammed cramped gloom shock shocked shocking warn warning cautious risky risk
     illness ill sick disease unhealthy toxicants weep lament dislike disliked displeasure distrust
     mistrust disbelief drag drags dragged dragging drain draining downvote downvoted sigh stumble backlash
     disqualify demote demoted fired sued lawsuit bankrupt bankruptcy debt penalty punish punishment punishing
     jail prison poverty hunger starving famine crisis emergency hazard hazardous toxicant contaminate pollution
     irrelevant impractical inaccessible incompatible misuse disregard paywall paywalled upsell lock-in adware ads fluff
     waffle exaggerated exaggerate overblown overstated buzzword buzzwords hand-wavy handwavy skewed alarmist patchy choppy
     bumpy rickety spotty unpredictable temperamental obfuscated uninstall uninstalled unsubscribe unsubscribed layoff layoffs
     stagnant moribund demise bottleneck surveillance backdoor unrecoverable clobber choke stutter misstep harsh severe severely grumpy cranky moody cynical sarcastic`,
  ],
  [
    0.7,
    `bug issue error hard critical conflict warnings exception heavy long-winded verbose
     wordy rough unlucky cheaply forget forgot forgotten skip dark blurry
     blunt loud old-fashioned legacy fatal abort retry timeout unknown unexpected unexpectedly
     unable unavailable unwilling offline abrupt avoid avoided except excuse fault fuss gap grumble guess hide
     impatient imperfect isolate lessen mediocrely meh mundane naive needy nitpick obsess ordeal
     overlook poke provoke puzzled puzzling quit questionable removed resign restrict restrictive rigid rush
     rushed scarce scold shrug skeptic stall stereotype strain strict stunned tense tension trivial unaware
     argued typo typos oversight refund cancelled canceled disappeared vanished wiped generic derivative filler
     undermine undo uneasy uneven unsound vain wander weirdly wobbly yawn`,
  ],
];
