/**
 * Phrases whose sense is not the sum of their words: one valence for the whole, "_" stands for any one word.
 * Zero takes words of the trade out of the count ("garbage collector", "fatal error", "dead letter").
 */
export const idiomPhrases: readonly (readonly [valence: number, phrases: string])[] = [
  [
    3,
    `the bomb; the best; second to none; out of this world; made my day; made my week; blew my mind; mind blown;
       top of the line; nothing better than; over the moon; chef's kiss; a game changer; on fire; life saver; next level;
       cannot recommend enough; can't recommend enough; can't recommend it enough; cannot praise enough; like a dream;
       above and beyond; works like magic; head and shoulders above; the cat's pyjamas; hit it out of the park;
       knocked it out of the park; knocks it out of the park; love at first sight; take a bow; five stars; 5 stars; 10/10; a legend; absolute legend; you legend; total legend; a gem; real gem; hidden gem; little gem`,
  ],
  [
    2.3,
    `like a charm; well done; good job; great job; nice job; nice work; good work; great work; keep it up; thumbs up; on point;
       spot on; rock solid; can't wait; cannot wait; looking forward; big fan; huge fan; right on; way to go; without a doubt;
       no doubt; piece of cake; like a breeze; a breeze; worth it; worth the _; worth every _; well worth; it works; just works;
       works great; works well; works perfectly; works fine; works now; working now; fixed my; fixed it; saved me; saved my _;
       solved my; solved it; never been better; couldn't agree more; could not agree more; can't agree more; can't go wrong;
       cannot go wrong; couldn't ask for more; could not ask for more; could not have asked for; top notch; first class;
       ahead of its time; stands out; stand out; my favourite; my favorite; bullet proof; on the money; nailed it;
       hit the nail on the head; exactly what i; just what i; what i was looking for; blown away; ship it; take my upvote;
       take my money; feel at home; felt at home; step up; ahead of the curve; in good hands; eye candy; eye opener;
       blast to use; had a blast; a blast; hats off; bless you; deserves a raise; can't live without; cannot live without;
       couldn't live without; can't do without; couldn't do without; can't imagine _ without; never looked back; wish i had found;
       keep them coming; more of this; count me in; no notes; about time; at last; a fan of; everything works; a delight;
       would recommend; highly recommend; up and running in; thought provoking; well made; well explained; well thought out; long live; hell yeah; hell yes; all good; so good; too good; no brainer;
       a must; got the job; got the offer; got promoted; true to its word; does what it says; came out on top;
       is fire; pure fire; straight fire; absolute fire; is lit; so lit; you rock; you rule; team cooked; they cooked;
       happy with; learned a lot; learnt a lot; learned so much; thank you; thanks a lot; many thanks; thank you so much`,
  ],
  [
    1.3,
    `no problem; no problems; no issue; no issues; no worries; no complaints; no regrets; no bugs; no fuss; no nonsense;
       not a problem; not bad; not too bad; not bad at all; not half bad; makes sense; make sense; made sense; at ease;
       good enough; fair enough; pretty much perfect; up to date; nothing wrong with; fair play; fair point; good point;
       good catch; nice catch; good luck; best wishes; best of luck; thank god; thank goodness; bug free; problem free;
       hassle free; free of charge; up and running; happy to help; glad to help; my pleasure; be my guest; pays off;
       paid off; in love with; out of the box; killer feature; sick beat; crazy good; insanely good; wicked good;
       stupidly easy; stupidly simple; less painful; less confusing; bug is gone; bugs are gone; problem is gone`,
  ],
  [
    -1.4,
    `could be better; should be better; could have been better; should have been better; needs work; needs improvement;
       room for improvement; leaves a lot to be desired; leaves much to be desired; so so; nothing special; nothing new;
       not enough; used to be better; used to be good; used to be great; used to love; used to like; used to work; no longer works;
       no longer work; out of date; hard to read; hard to follow; hard to use; hard to understand; hard to find; hit and miss;
       too long; too short; too slow; too many; too much; too complicated; too complex; too expensive; too hard; too late;
       too little; too big; too small; too bad; too often; too vague; too verbose; good luck with that; hard pass; not my cup of tea;
       does not make sense; doesn't make sense; makes no sense; made no sense; make no sense; no sense; if only; no idea why;
       falls short; fall short; fell short; at best; big yikes; no thanks; no thank you; big deal; of no use; no use; no good;
       not so much; for no reason; no reason; no excuse; give up; gave up; giving up; let down; let me down; let us down;
       not a fan; please stop; stop being; just stop; stop wasting; prefer the old; preferred the old; miss the old; bring back the;
       old one was better; old version was better; old _ was better; was better before; were better before; better off without;
       can't even; couldn't even; doesn't even; didn't even; don't even; cannot even; did not even; does not even; have no idea;
       did you even; have you even; do you even; you clearly; you obviously; clearly didn't; clearly don't; didn't read;
       no idea what; no way i; no way i'm; does nothing; do nothing; did nothing; nothing happens; stopped working; stops working;
       keeps crashing; keeps failing; not working; forced to; instead of fixing; no longer maintained; memory hog; resource hog;
       takes forever; takes ages; forever to load; ages to load; security hole; waited for weeks; still waiting; still no; still not;
       want to throw; want to scream; want to cry; makes me want to; of my life; never get back; my life back; move on;
       asking for a refund; want a refund; cancelled my; canceled my; cancel my; deleted my; broke my; breaks my; wiped my;
       behind the times; all over the place; in vain; rough around the edges; breaking change; breaking changes; never again`,
  ],
  [
    -2.4,
    `data loss; shame about; a shame; want my money back; want my time back; waste of time; waste of money; waste of _ time; waste of my time; waste of space; waste of bandwidth; waste of effort; sick of;
       tired of; fed up; fed up with; had enough; enough is enough; sick and tired; pain in the ass; pain in the neck; pain in the butt;
       pain to use; a pain; rip off; ripped off; out of control; falls apart; fell apart; falling apart; a joke; bored to tears;
       bored me to tears; bored to death; joke of a; excuse for a; poor excuse; sorry excuse; back to the drawing board; down the drain; train wreck;
       dumpster fire; hot mess; house of cards; jumped the shark; shame on; what a shame; such a shame; half baked; dead in the water;
       slap in the face; stab in the back; last straw; beyond repair; drives me crazy; driving me crazy; drives me nuts;
       driving me nuts; makes me sick; no respect; no effort; zero effort; zero respect; good riddance;
       far from good; anything but; stay away; steer clear; avoid like the plague; avoid at all costs; not worth; worst of all;
       give me a break; going downhill; went downhill; gone downhill; snake oil; smoke and mirrors;
       bad taste; lost for words; under fire; scared to death; worried sick; heart breaking; broke my heart; breaks my heart;
       passed away; rest in peace; my condolences; lost everything; lost my; no one cares; nobody cares; who cares;
       could care less; couldn't care less; could not care less; do not care; don't care; doesn't care; does not care;
       full of itself; full of errors; full of bugs; full of holes; all bark; makes my blood boil; lost faith; no faith;
       for nothing; out of touch; l take; bad take; cold take; touch grass; badly done; poorly done; in bad faith; miss the point; missed the point; missing the point; beside the point;
       completely wrong; just plain wrong; is mid; kinda mid; so mid; pretty mid; was mid; delete this; read the room; spare me`,
  ],
  [
    -3.2,
    `piece of garbage; piece of crap; piece of shit; piece of junk; piece of trash; piece of work; pile of crap; pile of shit;
       pile of garbage; pile of junk; pile of rubbish; load of crap; load of rubbish; load of nonsense; load of bull;
       shut up; shut your mouth; shut your face; get lost; get a life; get bent; get over yourself; go to hell; go away; piss off; bugger off;
       buzz off; sod off; fuck off; fuck you; screw you; drop dead; kill yourself; eat shit; kiss my ass; bite me;
       full of shit; full of crap; full of it; out of your mind; out of your depth; lost your mind; brain of a; brain cell;
       brain cells; brains of a; iq of a; room temperature iq; go back to school; go back to kindergarten; back to kindergarten;
       learn to read; learn to code; learn to write; learn to think; read the manual; rtfm; nobody asked; no one asked; who asked;
       nobody likes you; no one likes you; nobody wants you; go cry; cry me a river; cry more; grow up; script kiddie;
       attention seeker; waste of oxygen; waste of skin; son of a bitch; good for nothing; pain in my; ashamed of yourself;
       embarrass yourself; embarrassing yourself; what is wrong with you; what's wrong with you; are you blind; are you deaf;
       have no clue; has no clue; no clue; know nothing; knows nothing; skill issue; way out of a paper bag; out of a paper bag; thick as a; take your meds; touch some grass; in your basement;
       mother's basement; mom's basement; live under a rock; living under a rock; dumb as a; dumber than; sharpest tool;
       not the brightest; keyboard warrior; low life; two faced; bottom feeder; village idiot; laughing stock; smarter than you;
       seen smarter _; seen brighter _; met smarter _; seen better code from; a monkey could; my cat could; my dog could; lick my`,
  ],
  [
    0,
    `garbage collector; garbage collectors; garbage collection; garbage collected; dead letter; dead letters; dead lock; dead code;
       dead simple; kill signal; kill switch; error message; error messages; error handling; error handler; error code; error codes; error log;
       fatal error; exit code; race condition; race conditions; trash folder; trash can; recycle bin; critical section;
       critical path; attack surface; attack vector; stack trace; bug tracker; bug report; bug reports; issue tracker; fail fast; fail over; hot fix;
       best practice; best practices; best effort; kind of; sort of; kinds of; as well; as well as; a lot of; rather than;
       free software; free memory; free space; open source; free up; break point; break down; line break; page break; line breaks;
       take a break; coffee break; dark mode; dark theme; hard drive; hard disk; hard coded; hard link; brute force; like this; like that;
       looks like; look like; looked like; feel like; feels like; felt like; sounds like; sound like; seems like; such like; would like to;
       would like; is like; are like; was like; things like; something like; anything like; nothing like; like a; like an; like the;
       well known; right now; right after; right before; right away; right hand; right click; all right; right side; plain text;
       fair use; play by; happy path; happy medium; lost update; lost updates; dirty read; dirty reads; smart pointer; smart quotes;
       worst case; best case; better or worse; more or less; sooner or later; at least; at most; not yet; cold start; warm up;
       cool down; master branch; crash report; crash course; crash dump; problem statement; set of problems; conflict of interest;
       merge conflict; merge conflicts; sanity check; dummy data; dummy text; dumb terminal; dumb quotes; suspicious login; spam filter;
       thank you for your; good morning; good evening; good night; good afternoon; good day; happy birthday to; sleep mode;
       safe mode; rich text; fast forward; quick sort; quick start; mean time; error rate; error rates; failure mode; failure modes; magic number; magic numbers; issue number`,
  ],
];
