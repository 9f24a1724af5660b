/** Nouns and adjectives that insult wherever they stand, by strength 0..4. Base forms; plurals are found by the look-up. */
export const insultWords: readonly (readonly [strength: number, words: string])[] = [
  [
    3.4,
    `scumbag bastard asshole arsehole ahole bitch whore slut cunt prick dickhead douchebag douche wanker twat tosser
     bellend shithead dipshit fuckwit fuckface shitstain subhuman vermin scum pedo`,
  ],
  [
    3,
    `idiot moron imbecile cretin halfwit half-wit dimwit nitwit numbskull dunce dullard simpleton ignoramus lunatic
     maniac psycho psychopath sociopath liar cheater fraudster conman con-man charlatan crook swindler thug creep
     pervert degenerate lowlife low-life parasite leech bloodsucker loser coward bully tyrant hatemonger crybaby
     brat weasel jerk jackass dumbass smartass smart-ass retard airhead knucklehead bonehead blockhead meathead
     pinhead birdbrain peabrain dumbo nincompoop buffoon oaf imposter impostor fool
     snowflake simp incel neckbeard edgelord troll shill grifter sycophant bootlicker lapdog stooge wannabe poser
     poseur has-been wimp weakling slacker freeloader deadbeat`,
  ],
  [
    2.5,
    `noob n00b newb amateurish amateurs egomaniac narcissist narcissistic blowhard windbag
     loudmouth braggart gasbag know-it-all know-nothing bumbling blithering drooling gullible
     two-faced spineless gutless witless thickheaded thick-headed pea-brained harebrained hare-brained dim
     airheaded whiner crackpot quack kook wacko weirdo freak drama-queen keyboard-warrior attention-seeker
     fanboy zealot elitist gatekeeper gatekeeping delulu braindead brain-dead smooth-brained smoothbrain
     inbred uncultured uneducated illiterate hypocrites shameless backstabber backstabbing snake-oil yes-man
     slimeball sleazebag sleaze goon goons lowbrow philistine dullard oafish boorish boor churlish uncouth crass`,
  ],
];

/** Innocent words that insult a person when said of one: "what a clown", "you muppet", "a bunch of sheep". */
export const insultsOfPeople: ReadonlySet<string> = new Set(
  `clown hack muppet donkey ass sheep rat pig cow snake dog monkey ape gorilla baboon goat chicken turkey toad slug worm
   maggot cockroach vulture hyena dinosaur potato vegetable cabbage turnip lemon melon doughnut donut pancake plank
   spanner tool nut nutter nutcase nutjob fruitcake joke joker baby toddler infant peasant puppet
   zombie karen boomer princess diva drama disappointment embarrassment disgrace
   git pillock berk numpty plonker dolt dork nerd geek dweeb doofus dingus goof goofball schmuck
   putz bozo mug sod wally twit twerp prat pleb peon quitter failure fossil relic
   goldfish lizard insect flea tick pest barnacle sloth lump brick doorknob doormat wet-blanket shill
   animal beast pansy softie sissy hothead parrot copycat`.split(/\s+/),
);

/** Whom an insult is said to: "you", "what a", "such a", "a bunch of". */
export const insultAddresses: ReadonlySet<string> = new Set(
  `you ya u youre you're ur yall y'all what such bunch pack herd lot load you've he she they he's she's they're author
   authors guy guys dude man woman person people maintainer maintainers developer developers dev devs ceo founder editor
   moderator moderators mod mods admin reviewer manager boss speaker poster op writer commenter everyone`.split(/\s+/),
);

/** What may stand between the person and the insult: "you are such an absolute muppet". */
export const insultFillers: ReadonlySet<string> = new Set(
  `a an the of is are was were be being all just so complete absolute total utter proper real right little big giant
   bloody damn fucking pathetic stupid dumb silly useless ignorant typical poor old sad lazy bunch arrogant such
   absolutely really clearly obviously truly nothing but`.split(/\s+/),
);
