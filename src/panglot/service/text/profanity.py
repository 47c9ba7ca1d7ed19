"""Profanity: words that most people would beep, with asterisks for all but their first letter.

The list is ours, because the lists that exist hold too many words that are harmless in speech, such as the Portuguese
for beer. It has what is vulgar or a slur in nearly every use. Nothing is guessed from context.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from panglot.service.text.editing import rewrite, with_words
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.words import timed_words

_WORDS = {
    "de": "arsch arschgeige* arschloch* arschlöch* *ficke *ficken *ficker *fickt *fickte *fickten fick fotze* hure"
    " huren hurens* kacke kanake kanaken miststück* nutte nutten pisse pissen pisst schlampe schlampen schwuchtel*"
    " *scheiß *scheiße *scheißen scheiß* scheiss* verfickt* wichse wichsen *wichser",
    "en": "apeshit arsehole* ass asses asshole* bastard bastards batshit bitch* bollocks bullshit* clusterfuck*"
    " cocksucker* cunt* dickhead* dipshit* dumbass* fag faggot* fags fuck* *fuck *fucked *fucker *fuckers *fucking"
    " goddamn* horseshit jackass* nigga niggas nigger niggers piss pissed pissing pussies pussy shit shite shitfaced"
    " shithead* shithole* shits shitshow* shitted shittier shitting shitty slut sluts slutty tits tranny twat*"
    " wank* whore*",
    "es": "cabrón cabrona cabrones cabronas carajo chinga* chingá* cojones coño coños culero* follar gilipollas"
    " hijoputa* hijueputa* joder jodida jodidas jodido jodidos jódete maricón maricones mierda mierdas pendej* polla"
    " pollas puta putada* putas puto putos verga vergas",
    "fr": "bite bites bordel branleu* chier chié chiotte* con conne connes cons connard* connasse* couille* emmerd*"
    " encul* enfoiré* foutre merde merdes merdique* nique niquer niqué* pute putes putain* pédé pédés salaud*"
    " salope*",
    "it": "bastarda bastardi bastardo cagare cazzat* cazzi cazzo coglion* culattone* culo fanculo figa fighe fottere"
    " fottut* froci frocio incazz* inculat* merda merde minchia minchione puttana puttanat* puttane stronza stronzat*"
    " stronze stronzi stronzo vaffanculo zoccola zoccole",
    "nl": "flikker flikkers fuck* godverdomme gvd hoer hoeren hoerenjong* klootza* kloten kut kutwijf* kutwijven lul"
    " lullen neuk* schijt* shit slet sletten sodemieter* teringlijer* verneuk*",
    "pl": "chuj* cioty ciota cipa cipka cipki cipy cipę dupa dupek dupie dupy dupą dupę dziwk* gówn* jeban* kurew*"
    " kurw* najeb* odjeb* pieprzona pieprzone pieprzony pieprzyć *pierdal* *pierdol* pizd* pojeb* skurwiel* skurwysyn*"
    " sukinsyn* wkurw* wyjeb* zajeb* zjeb*",
    "pt": "arrombad* babaca* boceta* bosta buceta* cacete cagar caralho* cu cus foda fodas fode foder fodeu fodida"
    " fodidas fodido fodidos merda merdas piroca* porra porras puta putaria* putas puto putos viado viados",
    "ru": "ахуе* бля бляд* блят* въеб* выеб* выёб* гандон* говн* дерьм* долбоеб* долбоёб* ебал ебала ебали ебан*"
    " ебат* ебет ебёт еблан* ебло ебу ебут ебуч* ёб ёбан* ёбну* ебну* жоп* заеб* заёб* манда мудак* мудил* наеб*"
    " наёб* нахуй нахуя отъеб* отъёб* охуе* охуё* охуи* пидар* пидор* пизд* *пизд* похуй проеб* проёб* разъеб* сука"
    " суки суку съеб* уеб* уёб* хуе* хуё* хуи* хуй* хую хуя* шлюх*",
}

LANGUAGES = tuple(_WORDS)
"""Codes of the languages whose profanity is known."""


def mask_profanity(transcript: Transcript) -> Transcript:
    """Put asterisks for all letters but the first of profane words, in segments of `LANGUAGES`."""
    return rewrite(transcript, lambda segment: _masked(segment) if segment.language in _WORDS else segment)


def _masked(segment: Segment) -> Segment | None:
    profane = _profane(segment.language)
    words = timed_words(segment)
    made = [replace(word, text=re.sub(r"\w+", lambda found: _mask(found, profane), word.text)) for word in words]
    return segment if made == list(words) else with_words(segment, made)


def _mask(found: re.Match[str], profane: re.Pattern[str]) -> str:
    word = found.group()
    return word[0] + "*" * (len(word) - 1) if profane.fullmatch(word) else word


@cache
def _profane(language: str) -> re.Pattern[str]:
    words = (re.escape(word).replace(r"\*", r"\w*") for word in _WORDS[language].split())
    return re.compile("|".join(words), re.IGNORECASE)
