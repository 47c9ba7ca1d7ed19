"""The 99 languages: codes, names, scripts, and everything that people write instead of the code.

The codes and the names are those of Whisper large-v2 (Radford et al. 2022, arXiv:2212.04356). They are ISO 639-1 where
that has a code, with the older ``jw`` for Javanese, and ``haw`` for Hawaiian.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from panglot.errors import LanguageError
from panglot.transcripts.text import is_spaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language, as the models know it."""

    code: str
    name: str
    """English name, capitalised."""
    scripts: frozenset[str]
    """Unicode scripts it is written in today, such as ``Latin`` or ``Han``."""
    spaced: bool
    """Whether it puts spaces between words."""


# code | name | other codes (ISO 639-2 and 639-3, outdated ones, members of macrolanguages) | other names | scripts
_TABLE = """
af  | Afrikaans      | afr             |                                 | Latin
am  | Amharic        | amh             |                                 | Ethiopic
ar  | Arabic         | ara arb         | العربية                         | Arabic
as  | Assamese       | asm             |                                 | Bengali
az  | Azerbaijani    | aze azj         | azeri                           | Latin
ba  | Bashkir        | bak             |                                 | Cyrillic
be  | Belarusian     | bel             | belarussian                     | Cyrillic
bg  | Bulgarian      | bul             |                                 | Cyrillic
bn  | Bengali        | ben             | bangla                          | Bengali
bo  | Tibetan        | bod tib         |                                 | Tibetan
br  | Breton         | bre             |                                 | Latin
bs  | Bosnian        | bos             |                                 | Latin Cyrillic
ca  | Catalan        | cat             | valencian                       | Latin
cs  | Czech          | ces cze         | čeština                         | Latin
cy  | Welsh          | cym wel         |                                 | Latin
da  | Danish         | dan             | dansk                           | Latin
de  | German         | deu ger gsw     | swiss german, deutsch           | Latin
el  | Greek          | ell gre         | modern greek, ελληνικά          | Greek
en  | English        | eng             |                                 | Latin
es  | Spanish        | spa             | castilian, español              | Latin
et  | Estonian       | est ekk         |                                 | Latin
eu  | Basque         | eus baq         |                                 | Latin
fa  | Persian        | fas per pes prs | farsi, dari                     | Arabic
fi  | Finnish        | fin             | suomi                           | Latin
fo  | Faroese        | fao             |                                 | Latin
fr  | French         | fra fre         | français                        | Latin
gl  | Galician       | glg             |                                 | Latin
gu  | Gujarati       | guj             |                                 | Gujarati
ha  | Hausa          | hau             |                                 | Latin
haw | Hawaiian       |                 |                                 | Latin
he  | Hebrew         | iw heb          | עברית                           | Hebrew
hi  | Hindi          | hin             | हिन्दी                           | Devanagari
hr  | Croatian       | hrv scr         |                                 | Latin
ht  | Haitian Creole | hat             | haitian                         | Latin
hu  | Hungarian      | hun             | magyar                          | Latin
hy  | Armenian       | hye arm         |                                 | Armenian
id  | Indonesian     | in ind          | bahasa indonesia                | Latin
is  | Icelandic      | isl ice         |                                 | Latin
it  | Italian        | ita             | italiano                        | Latin
ja  | Japanese       | jpn             | 日本語                          | Han Hiragana Katakana
jw  | Javanese       | jv jav          |                                 | Latin Javanese
ka  | Georgian       | kat geo         |                                 | Georgian
kk  | Kazakh         | kaz             |                                 | Cyrillic
km  | Khmer          | khm             | cambodian                       | Khmer
kn  | Kannada        | kan             |                                 | Kannada
ko  | Korean         | kor             | 한국어                          | Hangul
la  | Latin          | lat             |                                 | Latin
lb  | Luxembourgish  | ltz             | letzeburgesch                   | Latin
ln  | Lingala        | lin             |                                 | Latin
lo  | Lao            | lao             | laotian                         | Lao
lt  | Lithuanian     | lit             |                                 | Latin
lv  | Latvian        | lav lvs         |                                 | Latin
mg  | Malagasy       | mlg plt         |                                 | Latin
mi  | Maori          | mri mao         | māori                           | Latin
mk  | Macedonian     | mkd mac         |                                 | Cyrillic
ml  | Malayalam      | mal             |                                 | Malayalam
mn  | Mongolian      | mon khk         |                                 | Cyrillic Mongolian
mr  | Marathi        | mar             |                                 | Devanagari
ms  | Malay          | msa may zsm     | bahasa melayu, malaysian        | Latin
mt  | Maltese        | mlt             |                                 | Latin
my  | Myanmar        | mya bur         | burmese                         | Myanmar
ne  | Nepali         | nep npi         |                                 | Devanagari
nl  | Dutch          | nld dut         | flemish, nederlands             | Latin
nn  | Nynorsk        | nno             | norwegian nynorsk               | Latin
no  | Norwegian      | nb nor nob      | bokmål, norwegian bokmål, norsk | Latin
oc  | Occitan        | oci             |                                 | Latin
pa  | Punjabi        | pan             | panjabi                         | Gurmukhi Arabic
pl  | Polish         | pol             | polski                          | Latin
ps  | Pashto         | pus pbt         | pushto                          | Arabic
pt  | Portuguese     | por             | português                       | Latin
ro  | Romanian       | mo ron rum mol  | moldavian, moldovan, română     | Latin
ru  | Russian        | rus             | русский                         | Cyrillic
sa  | Sanskrit       | san             |                                 | Devanagari
sd  | Sindhi         | snd             |                                 | Arabic Devanagari
si  | Sinhala        | sin             | sinhalese                       | Sinhala
sk  | Slovak         | slk slo         |                                 | Latin
sl  | Slovenian      | slv             | slovene                         | Latin
sn  | Shona          | sna             |                                 | Latin
so  | Somali         | som             |                                 | Latin
sq  | Albanian       | sqi alb als     |                                 | Latin
sr  | Serbian        | srp scc         |                                 | Cyrillic Latin
su  | Sundanese      | sun             |                                 | Latin Sundanese
sv  | Swedish        | swe             | svenska                         | Latin
sw  | Swahili        | swa swh         | kiswahili                       | Latin
ta  | Tamil          | tam             |                                 | Tamil
te  | Telugu         | tel             |                                 | Telugu
tg  | Tajik          | tgk             |                                 | Cyrillic
th  | Thai           | tha             | ไทย                             | Thai
tk  | Turkmen        | tuk             |                                 | Latin
tl  | Tagalog        | tgl fil         | filipino, pilipino              | Latin
tr  | Turkish        | tur             | türkçe                          | Latin
tt  | Tatar          | tat             |                                 | Cyrillic
uk  | Ukrainian      | ukr             | українська                      | Cyrillic
ur  | Urdu           | urd             |                                 | Arabic
uz  | Uzbek          | uzb uzn         |                                 | Latin Cyrillic
vi  | Vietnamese     | vie             | tiếng việt                      | Latin
yi  | Yiddish        | ji yid ydd      |                                 | Hebrew
yo  | Yoruba         | yor             |                                 | Latin
zh  | Chinese        | zho chi cmn     | mandarin, mandarin chinese, 中文 | Han
"""

# Languages of their own that are not among the 99, and the one that comes nearest.
_NEAREST = {"yue": "zh", "cantonese": "zh"}

# A script, a region or a variant after the language: "Hant", "BR", "419", "1996".
_SUBTAGS = re.compile(r"(-[a-z0-9]{2,8})+")


def _read_table() -> tuple[dict[str, Language], dict[str, str]]:
    languages: dict[str, Language] = {}
    aliases: dict[str, str] = {}
    for row in _TABLE.strip().splitlines():
        code, name, codes, names, scripts = (cell.strip() for cell in row.split("|"))
        languages[code] = Language(code=code, name=name, scripts=frozenset(scripts.split()), spaced=is_spaced(code))
        others = [name.casefold(), *codes.split(), *(other.strip() for other in names.split(",") if other)]
        aliases |= dict.fromkeys(others, code)
    return languages, aliases


_languages, _aliases = _read_table()

LANGUAGES: Mapping[str, Language] = MappingProxyType(_languages)
"""The 99 languages by code, in the order of their codes."""

ALIASES: Mapping[str, str] = MappingProxyType(_aliases)
"""What else stands for a code, in lower case: other codes, and English names."""


def normalise(value: str) -> str:
    """Return the code of a language, however it was written.

    Parameters
    ----------
    value
        A code of two or three letters, with or without script and region (``pt-BR``, ``zh_Hant``), also an outdated
        one (``iw``), or a name: English (``Castilian``), for larger languages also their own (``français``). Case
        does not matter.

    Returns
    -------
    str
        A key of `LANGUAGES`.

    Raises
    ------
    LanguageError
        If it is none of the 99; the message names languages that look alike.

    Examples
    --------
    >>> normalise("pt-BR"), normalise("iw"), normalise("Mandarin")
    ('pt', 'he', 'zh')
    """
    key = " ".join(unicodedata.normalize("NFC", value).casefold().replace("_", "-").split())
    head = key.partition("-")[0]
    for candidate in (key, head if _SUBTAGS.fullmatch(key[len(head) :]) else key):
        code = candidate if candidate in LANGUAGES else ALIASES.get(candidate)
        if code is not None:
            return code
    raise LanguageError(f"{value!r} is not one of the 99 languages.{_suggestion(key)} `panglot languages` lists all.")


def _suggestion(key: str) -> str:
    # Codes differ in one letter from many others, so likeness means something for names only.
    names_known = [alias for alias in ALIASES if len(alias) > 3]
    alike = [ALIASES[found] for found in difflib.get_close_matches(key, names_known, n=5, cutoff=0.7)]
    codes = list(dict.fromkeys([_NEAREST[key]] if key in _NEAREST else alike))[:3]
    names = " or ".join(f"{LANGUAGES[code].name} ({code})" for code in codes)
    return f" Did you mean {names}?" if names else ""
