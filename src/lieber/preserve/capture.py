"""Captures: what is kept of the act of taking an item from the network, and whether it took anything.

Two questions stand apart. *Is it whole?* The Berkeley Protocol (para. 155) lists what to collect, and calls
address, HTML source and full-page image the least that a court can use. *Is it content?* An answer with
status 200 may be a login wall, a consent page, a challenge or the words “page not found”: a capture counts
as preserved only if it bears content (R-28). The signs are data, below; a person may read the page and
decide otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from ..base import BadInput


class Outcome(StrEnum):
    """How an attempt to capture a page ended."""

    TAKEN = "taken"
    """The page came and was taken."""
    CUT = "cut"
    """A limit was reached: what had come until then was taken."""
    FILE = "file"
    """The address gave a file to be saved, not a page; the file was taken."""
    UNREACHABLE = "unreachable"
    """Nothing answered, or the answer broke off before a page was there."""
    REFUSED = "refused"
    """The address may not be reached from here."""
    CRASHED = "crashed"
    """The page brought the browser down."""
    STOPPED = "stopped"
    """The browser did not answer within the time for the whole capture and was ended."""


class CaptureStatus(StrEnum):
    """What an attempt is worth."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class ContentState(StrEnum):
    """Whether a captured page bears content (R-28)."""

    CONTENT = "content"
    DOUBTFUL = "doubtful"
    NO_CONTENT = "no_content"


class Obstacle(StrEnum):
    """What stands on a page in the place of its content."""

    NO_ANSWER = "no_answer"
    LOGIN_WALL = "login_wall"
    CONSENT_WALL = "consent_wall"
    CHALLENGE = "challenge"
    RATE_LIMIT = "rate_limit"
    NOT_FOUND = "not_found"
    REMOVED = "removed"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    NO_CAPTURE = "no_capture"
    EMPTY = "empty"
    PARTIAL = "partial"
    ELSEWHERE = "elsewhere"


# What leaves room for content beside it.
_DOUBTS = frozenset({Obstacle.PARTIAL, Obstacle.ELSEWHERE})
# What a short post may itself speak of: that a video was removed, that a road is closed.
_SPOKEN_OF = frozenset(
    {Obstacle.REMOVED, Obstacle.REFUSED, Obstacle.RATE_LIMIT, Obstacle.SERVER_ERROR, Obstacle.NOT_FOUND}
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign that a page bears no content, and what was seen; decisive, or only a ground for doubt."""

    obstacle: Obstacle
    seen: str
    decisive: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a page bears content, and every sign to the contrary."""

    state: ContentState
    reasons: tuple[Reason, ...] = ()

    @property
    def bears_content(self) -> bool:
        """True unless the page plainly bears none: a doubt is for a person to settle."""
        return self.state is not ContentState.NO_CONTENT


class Part(StrEnum):
    """Where a sign stands."""

    ADDRESS = "address"
    TITLE = "title"
    TEXT = "text"


# Texts with more words than this are content whatever a sentence in them says.
_SHORT = 150
# Of what posts speak of themselves, the words decide only where they are nearly all there is.
_HARDLY_ANY = 40
# Pages around a login form have a footer and a choice of languages.
_AROUND_A_FORM = 90
# Titles are read on longer pages too: a footer of links is long.
_UNDER_A_TITLE = 400
# A post may consist of one picture, or of two words, but not of one word and nothing else.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: a pattern, where it is looked for, and on pages of at most how many words."""

    obstacle: Obstacle
    language: str
    part: Part
    pattern: re.Pattern[str]
    most_words: int


def _signs(obstacle: Obstacle, part: Part, most_words: int, **patterns: tuple[str, ...]) -> tuple[Sign, ...]:
    return tuple(
        Sign(obstacle, language, part, re.compile(pattern, re.IGNORECASE), most_words)
        for language, each in patterns.items()
        for pattern in each
    )


# Things that pages say are gone, as the patterns name them.
_THING = r"(page|post|tweet|file|article|video|content|document|account|channel|user|url)"
_UK_THING = r"(сторінк[ау]|запис|допис|матеріал|пост|публікаці[яю]|відео|канал|документ|обліковий запис)"
_RU_THING = (
    r"(страниц[аы]|запись|материал|пост|публикаци[яю]|видео|канал|документ|аккаунт|профиль|пользователь)"
)
_TO_READ = r"to (continue|view|see|read|access)"
_IS = r"(was|is|could|can|does)?"
_NOT = r"( ?not|n?['’]t)"

SIGNS: tuple[Sign, ...] = (
    *_signs(
        Obstacle.LOGIN_WALL,
        Part.ADDRESS,
        _UNDER_A_TITLE,
        any=(
            r"^https?://(accounts\.google|login|signin|auth|sso|idp)\.",
            r"/(i/flow/)?(log-?in|sign-?in|logon|sign_in|authorize|oauth2?|sso)(\.\w+)?(/|\?|$)",
            r"/(accounts?|users?|auth)/(log-?in|sign_?-?in)(/|\?|$)",
            r"/wp-login\.php",
        ),
    ),
    *_signs(
        Obstacle.LOGIN_WALL,
        Part.TITLE,
        _UNDER_A_TITLE,
        en=(r"^\W*(log ?in|sign ?in|log into|login required|authori[sz]ation)\b",),
        uk=(r"^\W*(увійти|вхід|авторизація)\b",),
        ru=(r"^\W*(войти|вход|авторизация)\b",),
    ),
    *_signs(
        Obstacle.LOGIN_WALL,
        Part.TEXT,
        _SHORT,
        en=(
            r"\byou (must|need to|have to|should) (be logged in|be signed in|log ?in|sign ?in|login)\b",
            r"\bplease (log ?in|sign ?in|login|register)\b",
            rf"\b(log ?in|sign ?in|login)( or (sign up|register|create an account))? {_TO_READ}\b",
            r"\b(members|subscribers|registered users) only\b",
            r"\bthis (content|page|group|channel|account) is (only )?(available|visible) (only )?to\b",
            r"\bsign in to confirm\b",
        ),
        uk=(
            r"увійдіть,? (щоб|аби|для|в |у |до )",
            r"(необхідно|потрібно|треба) (увійти|авторизуватис[яь]|зареєструватис[яь])",
            r"(лише|тільки) (для )?(зареєстрованих|авторизованих|передплатників)",
            r"авторизуйтесь|авторизуйтеся",
        ),
        ru=(
            r"войдите,? (чтобы|для|в |на )",
            r"(необходимо|нужно|требуется|надо) (войти|авторизоваться|зарегистрироваться|зайти)",
            r"только (для )?(зарегистрированных|авторизованных|подписчиков)",
            r"авторизуйтесь",
        ),
    ),
    *_signs(
        Obstacle.CONSENT_WALL,
        Part.ADDRESS,
        _UNDER_A_TITLE,
        any=(r"^https?://(consent|cmp|privacy-?mgmt)\.", r"/(consent|cookie-?wall|collectconsent)(/|\?|$)"),
    ),
    *_signs(
        Obstacle.CONSENT_WALL,
        Part.TEXT,
        _SHORT,
        en=(
            r"\bbefore you continue\b",
            rf"\b(accept|agree to|consent to|allow)[^.]{{0,30}} cookies\b.{{0,200}}\b{_TO_READ}\b",
            rf"\b{_TO_READ}\b.{{0,80}}\b(accept|agree|consent)\b",
            r"\byou must be (at least )?1[68]\b|\bare you (over )?18\b|\bconfirm (that )?you are 18\b",
        ),
        uk=(
            r"перш ніж продовжити|перед тим,? як продовжити",
            r"(прийміть|погодьтеся|підтвердьте).{0,80}(cookie|куки|файли).{0,80}(продовжити|перегля|читати)",
            r"вам (вже )?(є|виповнилося) 18",
        ),
        ru=(
            r"прежде чем продолжить|перед тем,? как продолжить",
            r"(примите|согласитесь|подтвердите).{0,80}(cookie|куки|файлы).{0,80}(продолжить|просм|читать)",
            r"вам (уже )?(есть|исполнилось) 18",
        ),
    ),
    *_signs(
        Obstacle.CHALLENGE,
        Part.ADDRESS,
        _UNDER_A_TITLE,
        any=(r"/cdn-cgi/", r"/sorry/index", r"/(show)?captcha", r"/checkpoint/", r"__cf_chl_"),
    ),
    *_signs(
        Obstacle.CHALLENGE,
        Part.TITLE,
        _UNDER_A_TITLE,
        en=(
            r"^just a moment",
            r"attention required",
            r"ddos[- ]guard|ddos protection|^security check",
            r"are you (a )?(human|robot)|robot check|verify(ing)? you are human|captcha",
        ),
        uk=(r"^зачекайте|перевірка браузера|ви не робот",),
        ru=(r"^(подождите|один момент)|проверка браузера|вы не робот|^ой!$",),
    ),
    *_signs(
        Obstacle.CHALLENGE,
        Part.TEXT,
        _SHORT,
        en=(
            r"\bchecking (if the site connection is secure|your browser)\b",
            r"\b(verify|verifying|confirm|prove)( that)? you( a|['’])re (a )?(human|not a (ro)?bot)\b",
            r"\benable javascript and cookies to continue\b",
            r"\b(ray id|performance (&|and) security by cloudflare)\b",
            r"\bunusual traffic from your\b",
            r"\b(complete|solve) the captcha\b|\bi['’]m not a robot\b",
            r"\bneeds to review the security of your connection\b",
        ),
        uk=(
            r"перевіря(ємо|ється) (ваш )?браузер",
            r"підтвердьте,? що ви (не робот|людина)",
            r"(введіть|розв['’]яжіть) (капчу|символи|код з (картинки|малюнка))",
            r"підозрілий трафік",
        ),
        ru=(
            r"провер(яем|яется|ка) (ваш(его)? )?браузер",
            r"подтвердите,? что (вы|запросы).{0,40}(не робот|человек)",
            r"(введите|решите) (капчу|символы|код с картинки)",
            r"подозрительный трафик|запросы.{0,40}похожи на автоматические",
        ),
    ),
    *_signs(
        Obstacle.RATE_LIMIT,
        Part.TEXT,
        _SHORT,
        en=(
            r"\btoo many requests\b|\brate[- ]limit(ed)?\b",
            r"\byou( a|['’])re (being )?(temporarily )?(blocked|throttled)\b",
        ),
        uk=(r"(за|на)багато запитів|перевищено (ліміт|кількість) (запитів|спроб)",),
        ru=(r"слишком много запросов|превышен[оы]? (лимит|количество|число) (запросов|попыток)",),
    ),
    *_signs(
        Obstacle.NOT_FOUND,
        Part.ADDRESS,
        _UNDER_A_TITLE,
        any=(r"/(404|not-?found|page-?not-?found|errors?)(\.\w+)?(/|\?|$)",),
    ),
    *_signs(
        Obstacle.NOT_FOUND,
        Part.TITLE,
        _UNDER_A_TITLE,
        en=(rf"\b{_THING} (was )?not found\b|^\W*(error )?404\b|\b404 not found\b",),
        uk=(rf"{_UK_THING} не (знайдено|існує)|помилка 404",),
        ru=(rf"{_RU_THING} не (найден[ао]?|существует)|ошибка 404",),
    ),
    *_signs(
        Obstacle.NOT_FOUND,
        Part.TEXT,
        _SHORT,
        en=(
            rf"\b{_THING}( (you|we)[^.]{{0,40}})? ?{_IS}{_NOT} (be )?(found|exist|available)\b",
            rf"\b(this|that|the) {_THING} no longer exists\b",
            rf"\b(can|could){_NOT} (seem to )?find (the|that|this) {_THING}\b",
            r"\b(error )?404\b.{0,40}\b(not found|page|error)\b",
        ),
        uk=(
            rf"{_UK_THING}[^.]{{0,40}} не (знайдено|існує|доступн)",
            r"(такої|цієї) сторінки (не існує|немає|вже немає)",
            r"помилка 404",
        ),
        ru=(
            rf"{_RU_THING}[^.]{{0,40}} не (найден|существует|доступн)",
            r"(такой|этой|данной) страницы (не существует|нет|больше нет)",
            r"ошибка 404",
        ),
    ),
    *_signs(
        Obstacle.REMOVED,
        Part.TEXT,
        _SHORT,
        en=(
            rf"\b{_THING}( \w+){{0,3}} (has|have) been (removed|deleted|suspended|withheld|blocked)\b",
            rf"\b{_THING}( is| are)?( no longer| currently)? (unavailable|private|withheld|suspended)\b",
            r"\bthese (posts|tweets) are protected\b",
            r"\bthis (channel|group|chat) can(not|['’]t) be displayed\b",
        ),
        uk=(
            rf"{_UK_THING}[^.]{{0,30}} (було |був |була )?(видален|заблокован|приховано|обмежено)",
            r"(відео|допис|вміст|контент) (більше )?недоступн",
        ),
        ru=(
            rf"{_RU_THING}[^.]{{0,30}} (был[ао]? )?(удал[её]н|заблокирован|скрыт|ограничен)",
            r"(видео|запись|контент|содержимое) (больше )?недоступн",
        ),
    ),
    *_signs(
        Obstacle.REFUSED,
        Part.TEXT,
        _SHORT,
        en=(
            r"\b(access|request|permission) (to this \w+ )?(is |has been |was )?(denied|forbidden|blocked)\b",
            r"\bnot available in your (country|region|location)\b",
            r"\b403\b.{0,20}\bforbidden\b",
            r"\byou (have been|are) (blocked|banned)\b",
        ),
        uk=(r"(доступ|запит) (до [^.]{0,60})?(заборонен|відхилен|обмежен|заблокован)|недоступн\w+ [ув] ваш",),
        ru=(r"(доступ|запрос) (к [^.]{0,60})?(запрещ|отклон|ограничен|заблокирован)|недоступн\w+ в ваш",),
    ),
    *_signs(
        Obstacle.SERVER_ERROR,
        Part.TEXT,
        _SHORT,
        en=(
            r"\b(internal server error|bad gateway|service (temporarily )?unavailable|gateway time-?out)\b",
            r"\bsomething went wrong\b.{0,60}\b(try|reload)",
            r"\berror establishing a database connection\b",
            r"\b(down for|under) maintenance\b",
        ),
        uk=(r"помилка серв(ера|ісу)|щось пішло не так|технічні роботи|сервіс тимчасово недоступн",),
        ru=(r"ошибка серв(ера|иса)|что-то пошло не так|технические работы|сервис временно недоступ",),
    ),
    *_signs(
        Obstacle.NO_CAPTURE,
        Part.TEXT,
        _UNDER_A_TITLE,
        en=(
            r"\bwayback machine has(n['’]t| not) archived\b",
            r"\bthis url has been excluded from the wayback machine\b",
            r"\bpage cannot be (crawled or )?displayed due to robots\.txt\b",
            r"\bgot an http \d+ response at crawl time\b",
            r"\bno (captures?|snapshots?|archives?|mementos?)( \w+){0,3} (found|available|exist)\b",
            r"\bthe capture (you requested|requested) (is not|was not|could not)\b",
            r"\b(url|page) (is |was |has )?not (been )?(archived|in (this|the) (collection|archive))\b",
        ),
        uk=(r"(сторінк[ау]|адрес[ау])[^.]{0,30} не (заархівован|збережен)",),
        ru=(r"(страница|адрес)[^.]{0,30} не (заархивирован|сохран[её]н)",),
    ),
    *_signs(
        Obstacle.EMPTY,
        Part.TEXT,
        _AROUND_A_FORM,
        en=(
            r"\b(enable|turn on|activate|requires?|without) javascript\b",
            r"\bjavascript (is )?(not available|disabled|required|must be enabled)\b",
            r"\b(your|this) browser (is )?(not|no longer) supported\b",
        ),
        uk=(r"(увімкніть|активуйте|потрібен|без) javascript",),
        ru=(r"(включите|активируйте|требуется|без) javascript",),
    ),
    *_signs(
        Obstacle.PARTIAL,
        Part.TEXT,
        _UNDER_A_TITLE,
        en=(
            r"\b(subscribe|log ?in|sign ?(in|up)|register) to (continue|read|see more|unlock)\b",
            r"\b(to )?continue reading\b.{0,60}\b(subscribe|sign|log|register)\b",
            r"\bcontinue reading this (article|story)\b",
        ),
        uk=(r"(передплатіть|підпишіться|увійдіть|оформіть передплату),? (щоб|аби) (до)?(читати|прод|побач)",),
        ru=(r"(подпишитесь|оформите подписку|войдите),? чтобы (до)?(читать|продолж|увидеть)",),
    ),
)

# Statuses of HTTP that say it outright (RFC 9110 §15, RFC 6585, RFC 7725); the rest by their class.
_STATUSES: Mapping[int, Obstacle] = {
    401: Obstacle.LOGIN_WALL,
    402: Obstacle.LOGIN_WALL,
    404: Obstacle.NOT_FOUND,
    410: Obstacle.REMOVED,
    429: Obstacle.RATE_LIMIT,
    451: Obstacle.REFUSED,
}

_WORD = re.compile(r"\w+")
_PASSWORD_FIELD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_SEEN_WITHOUT_WORDS = re.compile(
    r"<(img|picture|video|audio|iframe|embed|object|canvas|svg)\b", re.IGNORECASE
)
_CHALLENGE_MARKUP = re.compile(
    r"cf-challenge|cf_chl_|challenge-platform/h/|id=[\"']?cf-wrapper|ddos-guard\.net|/_Incapsula_Resource"
    r"|smartcaptcha|data-sitekey=",
    re.IGNORECASE,
)
_LONGEST_SEEN = 120


def content_verdict(
    *, status: int | None, final_url: str, requested_url: str, title: str, text: str, html: str
) -> Verdict:
    """Whether a captured page bears content (R-28).

    `status` is that of the last response for the page, None where there was none; `text` is what a reader
    sees, `html` the page as the browser had it. A sentence such as “please log in” is a sign only where
    little else is said: an article about a login wall is an article.
    """
    words = len(_WORD.findall(text))
    reasons = [
        *_of_status(status),
        *_of_address(final_url, requested_url, words),
        *_of_words(title, text, words),
        *_of_markup(html, words),
    ]
    if any(reason.decisive for reason in reasons):
        return Verdict(ContentState.NO_CONTENT, tuple(reasons))
    return Verdict(ContentState.DOUBTFUL if reasons else ContentState.CONTENT, tuple(reasons))


def _of_status(status: int | None) -> list[Reason]:
    if status is None:
        return [Reason(Obstacle.NO_ANSWER, "no response")]
    if status < 400:
        return []
    other = Obstacle.SERVER_ERROR if status >= 500 else Obstacle.REFUSED
    return [Reason(_STATUSES.get(status, other), f"status {status}")]


def _of_address(final: str, requested: str, words: int) -> list[Reason]:
    found = [
        Reason(sign.obstacle, final[:_LONGEST_SEEN])
        for sign in SIGNS
        if sign.part is Part.ADDRESS
        and words <= sign.most_words
        and sign.pattern.search(final)
        and not sign.pattern.search(requested)
    ]
    if not found and _sent_to_the_front(final, requested):
        seen = f"led to the front page, {final[:_LONGEST_SEEN]}"
        found = [Reason(Obstacle.ELSEWHERE, seen, decisive=False)]
    return found[:1]


def _sent_to_the_front(final: str, requested: str) -> bool:
    """Whether an address deep in a site led to the site's front page: many say “gone” so."""
    try:
        asked, got = urlsplit(requested), urlsplit(final)
    except ValueError:
        return False
    deep = len(asked.path.strip("/")) > 0 or bool(asked.query)
    same = (asked.hostname or "").removeprefix("www.") == (got.hostname or "").removeprefix("www.")
    return deep and same and not got.path.strip("/") and not got.query and not got.fragment


def _of_words(title: str, text: str, words: int) -> list[Reason]:
    parts = {Part.TITLE: title, Part.TEXT: text}
    found: dict[Obstacle, Reason] = {}
    for sign in SIGNS:
        if sign.part not in parts or words > sign.most_words or sign.obstacle in found:
            continue
        if seen := sign.pattern.search(parts[sign.part]):
            told = f"{sign.part}: {seen[0][:_LONGEST_SEEN]}"
            found[sign.obstacle] = Reason(sign.obstacle, told, _decides(sign, words))
    return list(found.values())


def _decides(sign: Sign, words: int) -> bool:
    """Whether a sign says that there is no content, or only that there may be none."""
    if sign.obstacle in _DOUBTS:
        return False
    return sign.part is Part.TITLE or sign.obstacle not in _SPOKEN_OF or words <= _HARDLY_ANY


def _of_markup(html: str, words: int) -> list[Reason]:
    found = []
    if words <= _AROUND_A_FORM and _PASSWORD_FIELD.search(html):
        found.append(Reason(Obstacle.LOGIN_WALL, "a field for a password and little else"))
    if words <= _AROUND_A_FORM and _CHALLENGE_MARKUP.search(html):
        found.append(Reason(Obstacle.CHALLENGE, "the markup of a challenge and little else"))
    if words < _FEWEST and not _SEEN_WITHOUT_WORDS.search(html):
        found.append(Reason(Obstacle.EMPTY, f"{words} words and nothing to look at"))
    return found


@dataclass(frozen=True, slots=True)
class Completeness:
    """Which of the eight kinds of the Berkeley Protocol (para. 155) a capture holds, (a) to (h)."""

    url: bool = False
    html: bool = False
    screenshot: bool = False
    media: bool = False
    metadata: bool = False
    context: bool = False
    collection: bool = False
    hash: bool = False

    @property
    def court_minimum(self) -> bool:
        """Address, HTML source and full-page image: the least that a court can use."""
        return self.url and self.html and self.screenshot

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds that are not there."""
        return tuple(each.name for each in fields(self) if not getattr(self, each.name))

    @property
    def held(self) -> int:
        """How many of the eight are there."""
        return len(fields(self)) - len(self.missing)


def capture_status(completeness: Completeness, verdict: Verdict | None) -> CaptureStatus:
    """What an attempt is worth: failed where it bears no content or nothing of a page came, incomplete
    below the court minimum. None where the content was not looked at, as with a file."""
    nothing = not (completeness.html or completeness.screenshot or completeness.media)
    if nothing or (verdict is not None and not verdict.bears_content):
        return CaptureStatus.FAILED
    return CaptureStatus.COMPLETE if completeness.court_minimum else CaptureStatus.INCOMPLETE


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way to a page: the address, and the status that answered there."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class TlsDetails:
    """The encryption under which a page came: what the browser saw, and the digest of each certificate."""

    protocol: str
    cipher: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_to: datetime
    certificates_sha256: tuple[str, ...] = ()
    trusted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureDetails:
    """Everything about one capture but its bytes (requirements 1.3).

    `vantage` is the country or exit from which it was taken, never the collector's own address; headers are
    those of the page's last response, without cookies. `refused` are the connections that were not made.
    Raises BadInput where an instant has no time zone or the end lies before the beginning.
    """

    requested_url: str
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    tool: str
    version: str
    config_sha256: str
    final_url: str = ""
    title: str = ""
    redirect_chain: tuple[Hop, ...] = ()
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    tls: TlsDetails | None = None
    address: str = ""
    hosts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    vantage: str = ""
    user_agent: str = ""
    browser: str = ""
    browser_profile: str = ""
    clock_source: str = ""
    login_state: str = "none"
    method: str = "automated"
    requests: int = 0
    bytes_in: int = 0
    notes: tuple[str, ...] = ()
    completeness: Completeness = field(default_factory=Completeness)

    def __post_init__(self) -> None:
        for at in (self.started_at, self.ended_at):
            if at.tzinfo is None:
                raise BadInput(
                    f"An instant of a capture has a time zone: found {at.isoformat()} without one."
                )
        if self.ended_at < self.started_at:
            raise BadInput(
                f"A capture ends after it began: found an end at {self.ended_at.isoformat()} and a beginning "
                f"at {self.started_at.isoformat()}."
            )

    def plain(self) -> dict[str, Any]:
        """The details as JSON, by names; instants in UTC."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return instant(value)
    return value.value if isinstance(value, StrEnum) else value


def instant(at: datetime) -> str:
    """An instant as WARC and WACZ write it: RFC 3339 in UTC, to the microsecond where it has any."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
