/** Net slang with its valence, as people type it: "name:valence". */
export const slangWords = `lol:1.2 lmao:1.4 lmfao:1.4 rofl:1.6 haha:1.5 hahaha:1.7 hehe:1.2 heh:0.4 xd:1.4 omg:0.5 wow:2 woah:1.2
  whoa:1.2 woot:2.4 w00t:2.4 yass:2.2 yaas:2.2 yas:2 yippee:2.4 hyped:2.2 goated:2.8
  banger:2.6 bangers:2.6 slaps:2.4 dope:2 epic:2.2 rad:2 neat:1.7 noice:2 nais:1.8
  sweet:2 gg:1.4 ggs:1.4 pog:2.2 poggers:2.4 pogchamp:2.4 kudos:2.6 props:2 thx:1.8 thanx:1.8 ty:1.6 tysm:2.6
  tyvm:2.4 tnx:1.6 np:0.8 yw:1 lgtm:2.2 ftw:2.2 woop:1.8 fab:2.2 brill:2.4 ace:2.2 stoked:2.6 pumped:2
  psyched:2.2 chuffed:2.4 chad:1.2 gigachad:2 bestie:1.8 ily:2.8 ilysm:3 luv:2.6 lovin:2.4
  rocks:2.2 rock:0.8 rocked:2.2 slay:2 slayed:2 bussin:2.4 drip:0.8 insanely:0.6
  crazy:0.2 killer:0.8 badass:2 kickass:2.4 kick-ass:2.4 dabomb:2.6 swell:1.8 peachy:1.6 groovy:1.6 
  upvote:1.6 uwu:1 owo:0.8 gr8:2.4 m8:0.3 pwned:-0.6 rekt:-1.6 meh:-1.3 bleh:-1.6 blah:-1 ugh:-2
  eww:-2.4 ew:-2.2 yuck:-2.4 yucky:-2.4 yikes:-1.9 smh:-1.9 facepalm:-2.2 wtf:-2.2 wth:-1.8 ffs:-2.4 omfg:-0.6
  fml:-2.8 stfu:-3.2 gtfo:-3 foad:-3.4 kys:-3.8 bs:-2.2 lame:-2.2 lamer:-2.4 weaksauce:-2 fail:-2.2 epicfail:-2.8
  cringe:-2.2 sus:-1.3 salty:-1.3 toxic:-2.6 trash:-2.6 dumpster:-2 dumpsterfire:-3 trainwreck:-2.8 clusterfuck:-3.2
  shitshow:-3 shitpost:-1.6 fubar:-2.8 snafu:-1.8 borked:-2.2 bork:-2 bricked:-2.2 nerfed:-1.4 nerf:-1.2 
  pwn:-0.4 oof:-1.2 welp:-0.8 bruh:-0.8 nope:-1 nah:-0.8 noooo:-1.6 argh:-2 aargh:-2 grr:-2 grrr:-2.2
  boo:-1.4 booo:-1.8 tldr:0 imho:0 imo:0 btw:0 afaik:0 fwiw:0 iirc:0 jk:0.4 sux:-2.4 suxx:-2.4 succs:-1.2 crud:-1.6
  dang:-1 darn:-1 dammit:-2.2 damnit:-2.2 heck:-0.4 freaking:-0.6 friggin:-0.8 effing:-1.2 screwed:-2.2 screw:-1.6
  pissed:-2.6 pissing:-2.2 butthurt:-2.2 triggered:-1 ick:-1.8 sheesh:-0.4 enshittification:-3 bloatware:-2.4
  spyware:-2.4 malware:-1.6 vaporware:-2 vapourware:-2 crapware:-2.8 nagware:-2 shovelware:-2.2 jank:-1.8 janky:-2
  cursed:-1.4 yeet:0.4 pita:-2 fud:-1.8 copium:-1.6 seethe:-1.8 ratioed:-1.4 doxxed:-2.6 doxxing:-2.6`;

/** Emoji with their valence; skin tones and variation selectors are taken off before the look-up. */
export const emojiMarks = `😀:2 😃:2.2 😄:2.4 😁:2 😆:1.8 😅:0.6 🤣:2 😂:1.8 🙂:1 🙃:-0.2 😉:1.2 😊:2.2 😇:2 🥰:3 😍:3 🤩:3 😘:2.6 😗:1.6
  😚:2 😙:1.8 🥲:0.2 😋:1.8 😛:1.4 😜:1.4 🤪:1.2 😝:1.4 🤗:2.2 🤭:0.8 🤔:-0.2 🤨:-0.8 😐:-0.4 😑:-0.8 😶:-0.3 😏:0.2 😒:-1.6
  🙄:-1.8 😬:-1 🤥:-1.8 😌:1.4 😔:-1.8 😪:-1 😴:-0.8 🤒:-1.4 🤕:-1.6 🤢:-2.4 🤮:-3 🤧:-1 🥵:-0.8 🥶:-0.8 😵:-1.4 🤯:1.6
  🤠:1.4 🥳:2.8 😎:2 🤓:0.6 🧐:0 😕:-1.2 😟:-1.6 🙁:-1.6 ☹:-1.8 😮:0.4 😯:0.2 😲:0.4 😳:-0.4 🥺:0 😦:-1.2 😧:-1.6 😨:-1.8
  😰:-1.8 😥:-1.4 😢:-2.2 😭:-1.6 😱:-1.4 😖:-1.8 😣:-1.6 😞:-2 😓:-1.4 😩:-1.6 😫:-1.6 🥱:-1.4 😤:-1.6 😡:-2.8 😠:-2.6
  🤬:-3.2 😈:0.4 👿:-2.4 💀:-0.6 💩:-2.4 🤡:-2.6 👹:-1.4 👎:-2.4 👍:2.2 👌:1.8 👏:2.2 🙌:2.6 🙏:1.6 🤝:1.4 💪:1.8 ✌:1.4 🤞:0.8
  🤘:1.8 🖕:-3.4 🫶:2.6 🤌:1.6 ❤:3 🧡:2.8 💛:2.8 💚:2.8 💙:2.8 💜:2.8 🖤:1.6 🤍:2.4 💔:-2.8 💕:2.8 💖:3 💗:2.8 💘:2.6 💝:2.6
  🔥:2 ✨:1.6 🎉:2.6 🎊:2.6 🏆:2.6 🥇:2.4 ⭐:2 🌟:2.2 💯:2.4 🚀:1.8 💎:1.8 🎁:1.6 🌈:1.6 ☀:1.2 🌞:1.6 🍻:1.4 🥂:1.8 🙈:0.2
  ✅:1.2 ❌:-1 ❗:0 ⚠:-0.6 🚫:-1.2 🤦:-2 🤷:-0.4 😻:2.8 😸:1.8 😹:1.6 😿:-2 🙀:-1.2 🐛:-0.2 🗑:-1.8 🚮:-1.8 🧠:0.4 👑:1.8`;

/** Emoticons with their valence, written as "mark valence" pairs. */
export const emoticonMarks = `:) 1.8 :-) 1.8 (: 1.6 =) 1.8 :] 1.6 :D 2.3 :-D 2.3 =D 2.3 XD 2 xD 2 ;) 1.2 ;-) 1.2 ;D 1.6 :P 1.2
  :-P 1.2 :p 1.2 :-p 1.2 :3 1.2 <3 2.6 ^^ 1.4 ^_^ 1.8 :* 2 :-* 2 \\o/ 2.4 8) 1.4 B) 1.4 :'-) 1.6 :') 1.6 :( -1.9 :-( -1.9
  ): -1.8 =( -1.9 :[ -1.8 :'( -2.2 :'-( -2.2 :/ -1.2 :-/ -1.2 :\\ -1.2 :-\\ -1.2 :| -0.6 :-| -0.6 D: -1.8 D:< -2.4 >:( -2.6
  >:-( -2.6 :@ -2.2 :-@ -2.2 :S -1 :-S -1 -_- -1.4 </3 -2.6 T_T -1.8 ;_; -1.8 :O 0.3 :o 0.3 o_O -0.4 O_o -0.4 +1 1.8 -1 -1.8`;
