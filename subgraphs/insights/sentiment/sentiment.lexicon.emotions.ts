export type Emotion = 'joy' | 'sadness' | 'anger' | 'fear' | 'surprise' | 'disgust';

/** Ekman's six emotions with the words that name or show them, as base forms. A word may show several. */
export const emotionWords: Readonly<Record<Emotion, string>> = {
  joy: `adore amazing awesome beautiful bless blessed bliss brilliant celebrate cheer cheerful congratulations delight
    delighted delightful ecstatic elated enjoy enjoyable enthusiastic euphoric excellent excited exciting fantastic fun
    glad glorious good grateful great happiness happy hilarious hooray hopeful joy joyful jubilant laugh like love loved
    lovely luck lucky magical marvellous merry nice overjoyed perfect play pleased pleasure proud relief relieved
    satisfied smile stoked superb thank thanks thankful thrilled triumph victory welcome win wonderful wow yay
    inspired inspiring gorgeous impressive appreciate haha lol 😀 😃 😄 😁 😆 🤣 😂 😊 🥰 😍 🤩 😘 🤗 🥳 😎 ❤ 💕 💖 🎉 🙌 :) :-) :D <3`,
  sadness: `abandoned alas alone anguish bereaved bleak broken condolences cried cry crying death defeated depressed
    depressing depression despair devastated died disappointed disappointing disappointment dismal dismay funeral
    gloomy grief grieve heartbreak heartbreaking heartbroken hopeless hurt lament lonely loneliness loss lost melancholy
    miserable misery miss missed mourn mourning pain painful pity regret sad sadden sadly sadness sob sorrow sorry
    suffer tears tragedy tragic unfortunate unfortunately unhappy weep wept 😔 😞 😢 😭 💔 🙁 ☹ 😿 :( :-( :'(`,
  anger: `abuse aggressive angry anger annoy annoyed annoying attack betray betrayed bitter blame bully damn despise enrage
    enraged frustrate frustrated frustrating frustration furious fury fuck fucking ffs hate hated hateful hatred hostile
    infuriate infuriating insult irritate irritated irritating lie liar livid mad moron offend offensive outrage outraged
    outrageous pissed rage resent resentment ridiculous rude scam scream shameful shout stfu stupid idiot stole steal
    unacceptable unfair violent wtf yell jerk asshole bastard fraud greedy ruined dishonest 😡 😠 🤬 😤 👿 🖕 >:( >:-( :@`,
  fear: `afraid alarm alarmed alarming anxiety anxious concern concerned creepy danger dangerous dread dreadful fear fearful
    fright frighten frightened frightening hack hacked horrified horrifying horror insecure intimidate leak leaked menace
    nervous nightmare panic paranoid peril risk risky scare scared scary shudder sinister stress stressed suspicious
    terrified terrifying terror threat threaten threatening tremble uneasy unsafe vulnerable worried worry worrying
    warning breach 😨 😰 😱 😧 D:`,
  surprise: `amaze amazed amazing astonish astonished astonishing astound astounding baffling bewildered incredible
    incredibly jaw-dropping mind-blowing omg shock shocked shocking speechless startle startled stun stunned stunning
    sudden suddenly surprise surprised surprising surprisingly unbelievable unexpected unexpectedly unforeseen whoa woah
    wow wtf 🤯 😮 😯 😲 😳 🙀 :O :o`,
  disgust: `abhorrent appalling appalled atrocious awful contempt crap crappy creep cringe despicable detest disgrace
    disgraceful disgust disgusted disgusting eww ew filth filthy foul garbage ghastly gross hideous horrible horrid loathe
    loathsome nasty nauseating nauseous obscene pathetic puke putrid repulsive revolting rotten rubbish scum shit shitty
    sick sickening slime sleazy stink stinks suck sucks terrible toxic trash ugly vile vomit vulgar worthless yuck yucky
    🤢 🤮 💩 🤡 🗑 🚮 👎`,
};
