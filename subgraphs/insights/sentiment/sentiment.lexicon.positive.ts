/**
 * Positive words by strength, 0..4, as base forms: the look-up finds inflections (-s, -ed, -ing, -ly, -er, -est, -ness) by itself.
 * The valences are this project's own judgement on the scale that VADER (Hutto & Gilbert 2014) made common.
 */
export const positiveWords: readonly (readonly [valence: number, words: string])[] = [
  [
    3.5,
    `outstanding phenomenal magnificent masterpiece breathtaking spectacular flawless superb sublime exquisite
     extraordinary euphoric ecstatic overjoyed perfect perfection adore love beloved bliss blissful heavenly
     miraculous stellar world-class top-notch first-class unbeatable unrivalled`,
  ],
  [
    3.1,
    `amazing awesome fantastic fabulous wonderful excellent excellence brilliant brilliance terrific incredible
     marvellous marvelous marvel splendid stunning gorgeous dazzling remarkable exceptional impeccable best thrilled
     thrill delighted delight delightful delicious triumph triumphant victorious genius treasure mind-blowing
     jaw-dropping godsend unmatched unparalleled unsurpassed peerless best-in-class masterclass tour-de-force invaluable
     priceless spellbinding unforgettable legendary joyous joyful joy glorious rejoice cherish ideal heroic hero rave
     groundbreaking ground-breaking bravo hooray hurray hurrah woohoo yay superstar mesmerising mesmerizing`,
  ],
  [
    2.7,
    `great beautiful beauty lovely loving happy happiness excited exciting excite excitement impressive impress
     inspire inspiring inspiration inspirational hilarious charming charm congratulate congratulations congrats
     celebrate celebration elegant elegance graceful gracious grateful gratitude kudos admire admirable admiration
     proud pride fascinating fascinate captivating captivate enchanting enchanted riveting radiant vibrant superior
     win winner winning victory success successful succeed passionate passion treasured generous generosity
     thoughtful heartfelt heartwarming heart-warming uplifting uplift magic magical paradise dream dreamy blessed
     blessing bless honoured honored ingenious ingenuity masterful mastery virtuoso praise praiseworthy applaud
     applause enthusiastic enthusiasm thriving thrive flourish adorable affection affectionate cheerful
     exhilarating exhilarated superbly spot-on rock-solid life-saver lifesaver game-changer game-changing must-read
     must-have must-see gripping page-turner poignant lightning-fast blazing battle-tested bulletproof future-proof
     rockstar lifesaving time-saver timesaver craftsmanship well-researched well-structured well-explained well-paced
     user-friendly beginner-friendly state-of-the-art cutting-edge easy-to-use feature-rich selfless altruistic wholesome stylish euphoria elated jubilant ovation exemplary commendable commend`,
  ],
  [
    2.2,
    `good nice enjoy enjoyable enjoyment fun funny pleased pleasant pleasure pleasing glad thank thanks thankful
     appreciate appreciation appreciative welcome welcoming helpful kind kindly friendly friendship warm warmth
     smart clever intelligent wise wisdom witty humorous amusing amuse entertaining entertain engaging creative
     creativity innovative innovation inventive imaginative insightful insight valuable precious worthy worthwhile
     trustworthy trusted reliable dependable robust polished refined refreshing smooth seamless effortless painless
     intuitive readable well-written well-made well-designed well-documented well-thought well-deserved recommend
     recommendation endorse favourite favorite fave attractive appealing handsome cute sweet yummy tasty peaceful
     relaxing relax comfortable comfort cosy cozy relief relieved reassuring reassure encourage encouraging
     encouragement motivate motivating motivated rewarding reward benefit beneficial advantage advantageous improve
     improvement better upgrade enhance enhancement boost empower empowering confident confidence courageous courage
     brave bravery noble honest honesty sincere genuine integrity respect respectful respected loyal devoted
     dedicated supportive compassionate compassion caring empathy empathetic considerate courteous polite tactful
     patient patience thorough meticulous careful precise skilled skilful skillful talented talent gifted expert
     expertise accomplished accomplish accomplishment achieve achievement prosper prosperous prosperity bright
     hope hopeful optimistic optimism promising lucky luck luckily fortunate satisfied satisfying satisfy
     satisfaction satisfactory productive efficient efficiency effective useful usefulness handy convenient
     convenience amiable approachable delicate playful lively energetic pleasantly tremendous
     underrated memorable noteworthy notable eloquent lucid crisp concise succinct well-argued well-sourced
     flattered flattering relatable absorbing immersive evocative touching touched nuanced in-depth zippy buttery silky
     performant tireless steadfast unwavering kind-hearted comforting consoling eye-catching uncluttered distraction-free
     ergonomic candid addictive hooked salute bug-free ad-free jargon-free whimsical thankfully reputable prestigious acclaimed award prize champion victor trophy smile smiling laugh laughter grin cheer
     cheers hug hugs kiss eager keen merry festive sparkle shine shiny sunny blossom compliment heal healing`,
  ],
  [
    1.6,
    ` liked interesting interested interest intrigue intriguing fine decent solid clean clear clarity
     neat tidy sturdy stable stability secure safe safety safeguard fast quick quickly speedy swift snappy
     responsive lightweight easy ease easily simple simplicity straightforward simplify accurate accuracy correct
     correctly fair fairness reasonable sensible balanced organised organized consistent consistency
     coherent transparent transparency flexible flexibility versatile powerful capable competent modern fresh
          repair rescue rescued
     agree agreed agreement approve approved approval trust earn
     deserve deserved gain gained progress grateful gift bonus
     calm quiet harmony harmonious peace united unity together collaborate collaboration teamwork
     contribute contribution donate donation healthy health fit strong strength vivid rich
     colourful colorful curious curiosity worth valued meaningful informative educational
     instructive enlighten enlightening enlightened illuminating eye-opening practical pragmatic nifty slick sleek
     cool legit dope sharp dandy upvote upvoted affordable
     inexpensive bargain free freedom abundant plentiful inclusive civil constructive
     authentic novel distinctive popular famous renowned celebrated
      agreeable congenial cordial hospitable humble humility modest tolerant tolerance forgive
     forgiveness merciful mercy righteous virtue virtuous worthwhile credible credibility plausible persuasive
     convincing compelling commend constructively diligent diligence industrious hardworking hard-working attentive
     quality privilege privileged recover recovered recovery revive revival rejuvenate renewed breeze
      charmed fond fondly tender gentle gently soothing soothe serene serenity tranquil
     picturesque scenic panoramic spacious roomy luxurious luxury deluxe grand majestic royal`,
  ],
  [
    1,
    `like likes pretty super fix fixed care cared learned help helped solve solved resolve resolved restore restored frank finally phew whew hopefully
     exhaustive scalable sane idiomatic testable discoverable nostalgic guru bookmarked quirky salvage protect
     protected okay ok alright well nicely adequate affirm assure awarded backed big-hearted
     clarified clarify comprehensive congruent credit credited deal defend defended
       dignified dignity dynamic earnest elevate eligible
        ethical fascination fulfil fulfill fulfilled fulfilling functional
     gentleman guarantee guaranteed hearty heartily honour honor impartial incentive
     justice justified lawful maintainable merit moral nourish nurture
      openness opportunity optimal optimise optimize orderly overcome portable
     prefer preferred prepared proactive proficient prompt promptly proper properly purposeful qualified rational
     readily realistic recognise recognised recognition responsible revolutionary robustly secured
      smartly sophisticated stylishly succinctly suitable sustainable tangible timely
     tolerable true truth truthful understandable understanding uniquely upbeat upgradeable usable
      verified vigilant visionary vital willing willingness youthful`,
  ],
];
