"""What a capture is worth: content or a wall in its place, and which parts it holds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lieber.base import BadInput
from lieber.preserve.capture import (
    SIGNS,
    CaptureDetails,
    CaptureStatus,
    Completeness,
    ContentState,
    Hop,
    Obstacle,
    Outcome,
    Part,
    Verdict,
    capture_status,
    content_verdict,
)

ASKED = "https://news.example/2024/10/12/nine-soldiers"
ARTICLE = (
    "Nine Ukrainian soldiers who had surrendered were shot near the village of Zelenyi Shliakh, the regional "
    "prosecutor's office said on Sunday. A video published by a monitoring channel shows the men stripped to "
    "their underwear and lying face down. The office opened proceedings under article 438 of the criminal "
    "code. The ombudsman wrote to the United Nations and to the International Committee of the Red Cross. "
    "Officials in Moscow have not commented. "
)
FOOTER = "About Help Terms Privacy Cookies Careers Advertise Language English Українська Русский © 2025 "


def verdict(text, *, title="", html="", status=200, final=ASKED, asked=ASKED):
    return content_verdict(
        status=status, final_url=final, requested_url=asked, title=title, text=text, html=html
    )


WALLS = [
    # obstacle, title, text
    (
        "login_wall",
        "Log in to Facebook",
        "Log in to Facebook Email or phone Password Forgotten account? " + FOOTER,
    ),
    ("login_wall", "Facebook", "You must log in to continue. " + FOOTER),
    ("login_wall", "Instagram", "Log in or sign up to see photos and videos from friends. " + FOOTER),
    ("login_wall", "X", "Sign in to X Sign up with Google Sign in to continue " + FOOTER),
    ("login_wall", "", "Please log in. This group is visible only to members."),
    ("login_wall", "YouTube", "Sign in to confirm you’re not a bot. This helps protect our community."),
    ("login_wall", "YouTube", "Sign in to confirm your age. This video may be inappropriate for some users."),
    ("login_wall", "Вхід | Портал", "Вхід Логін Пароль Забули пароль? Зареєструватися"),
    ("login_wall", "Портал", "Щоб переглянути сторінку, необхідно увійти. " + FOOTER),
    ("login_wall", "Портал", "Увійдіть, щоб побачити допис."),
    ("login_wall", "ВКонтакте", "Чтобы просматривать запись, нужно зайти на сайт. Телефон или почта"),
    ("login_wall", "Вход | ОК", "Войти Логин Пароль Не получается войти? Регистрация"),
    ("login_wall", "Форум", "Только для зарегистрированных пользователей."),
    (
        "consent_wall",
        "Before you continue to YouTube",
        "Before you continue to YouTube We use cookies Reject all Accept all",
    ),
    (
        "consent_wall",
        "Zeitung",
        "Accept all cookies and tracking by our 214 partners to continue with advertising to read.",
    ),
    ("consent_wall", "", "Перш ніж продовжити, ознайомтеся з нашою політикою. Прийняти все"),
    ("consent_wall", "", "Прежде чем продолжить, примите условия использования файлов cookie"),
    ("consent_wall", "", "Are you over 18? Yes No This channel may hold sensitive media."),
    ("challenge", "Just a moment...", "news.example Checking your browser before accessing. Ray ID: 7f3a"),
    ("challenge", "Attention Required! | Cloudflare", "Sorry, you have been blocked. Ray ID: 1"),
    ("challenge", "news.example", "Verify you are human by completing the action below."),
    ("challenge", "", "Our systems have detected unusual traffic from your computer network."),
    ("challenge", "", "Enable JavaScript and cookies to continue"),
    ("challenge", "", "Перевіряємо ваш браузер. Це займе кілька секунд."),
    ("challenge", "", "Введіть символи з картинки, щоб продовжити"),
    ("challenge", "Ой!", "Подтвердите, что запросы отправляли вы, а не робот. SmartCaptcha by Yandex Cloud"),
    ("challenge", "DDoS-Guard", "Проверка браузера перед переходом на сайт"),
    ("rate_limit", "", "Too Many Requests. Rate limit exceeded."),
    ("rate_limit", "", "Забагато запитів. Спробуйте пізніше."),
    ("rate_limit", "", "Слишком много запросов с вашего адреса."),
    ("not_found", "Page not found", "Oops! The page you are looking for could not be found. " + FOOTER),
    ("not_found", "404", "Return to the front page"),
    ("not_found", "", "Sorry, this page isn't available. The link you followed may be broken."),
    ("not_found", "", "Hmm...this page doesn’t exist. Try searching for something else."),
    ("not_found", "", "We can't find the page you asked for."),
    ("not_found", "", "Post not found"),
    ("not_found", "", "Сторінку не знайдено. Можливо, її перенесли."),
    ("not_found", "", "На жаль, такої сторінки не існує."),
    ("not_found", "", "Страница удалена либо ещё не существует. Запись не найдена."),
    ("not_found", "Ошибка 404", "Вернуться на главную страницу"),
    ("removed", "X", "This post has been deleted by its author."),
    ("removed", "YouTube", "Video unavailable. This video is private"),
    ("removed", "X", "This account has been suspended"),
    ("removed", "", "These posts are protected"),
    ("removed", "Telegram", "This channel can’t be displayed because it violated local laws."),
    ("removed", "", "Відео недоступне"),
    ("removed", "", "Допис було видалено"),
    ("removed", "", "Видео недоступно"),
    ("removed", "", "Запись удалена"),
    ("refused", "", "Access denied. You don't have permission."),
    ("refused", "", "The uploader has not made this video available. Not available in your country"),
    ("refused", "", "Доступ до ресурсу заборонено"),
    ("refused", "", "Доступ к ресурсу ограничен"),
    ("server_error", "", "503 Service Temporarily Unavailable nginx"),
    ("server_error", "X", "Something went wrong. Try reloading."),
    ("server_error", "", "Щось пішло не так"),
    ("server_error", "", "На сайте технические работы"),
    ("no_capture", "Wayback Machine", "Hrm. The Wayback Machine has not archived that URL. " + FOOTER),
    ("no_capture", "Wayback Machine", "This URL has been excluded from the Wayback Machine."),
    ("no_capture", "", "Got an HTTP 302 response at crawl time. Redirecting to..."),
    ("no_capture", "archive", "No results. No captures found for this address."),
    ("no_capture", "", "Цю сторінку ще не збережено в архіві"),
    ("empty", "", ""),
    ("empty", "App", "You need to enable JavaScript to run this app."),
    ("empty", "X", "JavaScript is not available. We’ve detected that it is disabled in this browser."),
    ("empty", "", "Увімкніть JavaScript"),
]


@pytest.mark.parametrize(("obstacle", "title", "text"), WALLS)
def test_a_wall_bears_no_content(obstacle, title, text):
    found = verdict(text, title=title)
    assert found.state is ContentState.NO_CONTENT
    assert not found.bears_content
    assert Obstacle(obstacle) in {reason.obstacle for reason in found.reasons if reason.decisive}


CONTENT = [
    # title, text
    ("Nine soldiers shot", ARTICLE),
    (
        "Nine soldiers shot",
        ARTICLE * 4 + "Please log in to comment. Page not found? Tell us. Accept cookies.",
    ),
    ("How login walls hide proof", (ARTICLE + "The page said: you must log in first. ") * 3),
    ("Video removed by the platform", (ARTICLE + "This video has been removed from the channel. ") * 3),
    (
        "X",
        "Log in Sign up Post News Nine of ours were shot after they had surrendered. 12 reposts 40 likes",
    ),
    (
        "Telegram: Contact @channel",
        "Окупанти розстріляли дев'ятьох полонених. Відео 18+ 12.4K views 10:31 VIEW IN TELEGRAM",
    ),
    ("ДіпСтейт", "Слава їм."),
    (
        "Вісті",
        "Дорогу до села заблоковано, увійти неможливо: бої тривають третій день, зв'язку з бригадою немає.",
    ),
    ("Новости", "Расстреляны девять пленных. Прокуратура начала производство."),
    ("Hearing adjourned", "The court found the accused guilty of murder of two prisoners of war."),
    ("Вхідні втрати: звіт", ARTICLE * 5),
    ("Post", "One moment. Then he fired at the two men with raised hands."),
]


@pytest.mark.parametrize(("title", "text"), CONTENT)
def test_an_article_and_a_short_post_bear_content(title, text):
    assert verdict(text, title=title) == Verdict(ContentState.CONTENT)


DOUBTS = [
    ("partial", "Story", ARTICLE + "Subscribe to continue reading."),
    ("partial", "Історія", ARTICLE + "Оформіть передплату, щоб дочитати."),
    ("partial", "История", ARTICLE * 2 + "Подпишитесь, чтобы читать дальше."),
    ("removed", "Post", ARTICLE + "The video has been deleted from the channel where it first appeared."),
    ("refused", "Допис", ARTICLE + "Доступ до місця події заборонено."),
]


@pytest.mark.parametrize(("obstacle", "title", "text"), DOUBTS)
def test_what_may_be_content_is_left_to_a_person(obstacle, title, text):
    found = verdict(text, title=title)
    assert found.state is ContentState.DOUBTFUL
    assert found.bears_content
    assert [reason.obstacle.value for reason in found.reasons] == [obstacle]


@pytest.mark.parametrize(
    ("status", "obstacle"),
    [
        (None, "no_answer"),
        (401, "login_wall"),
        (402, "login_wall"),
        (403, "refused"),
        (404, "not_found"),
        (410, "removed"),
        (418, "refused"),
        (429, "rate_limit"),
        (451, "refused"),
        (500, "server_error"),
        (503, "server_error"),
    ],
)
def test_a_status_that_says_no_decides(status, obstacle):
    found = verdict(ARTICLE, status=status)
    assert (found.state, found.reasons[0].obstacle.value) == (ContentState.NO_CONTENT, obstacle)


@pytest.mark.parametrize("status", [200, 203, 206, 304])
def test_other_statuses_leave_it_to_the_page(status):
    assert verdict(ARTICLE, status=status).state is ContentState.CONTENT


@pytest.mark.parametrize(
    ("final", "obstacle"),
    [
        ("https://news.example/login?next=%2F2024", "login_wall"),
        ("https://x.example/i/flow/login", "login_wall"),
        ("https://www.facebook.example/login.php?next=1", "login_wall"),
        ("https://www.instagram.example/accounts/login/?next=/p/1/", "login_wall"),
        ("https://accounts.google.com/v3/signin", "login_wall"),
        ("https://consent.youtube.com/m?continue=1", "consent_wall"),
        ("https://news.example/cdn-cgi/challenge", "challenge"),
        ("https://www.google.example/sorry/index?continue=1", "challenge"),
        ("https://news.example/404", "not_found"),
        ("https://news.example/error/", "not_found"),
    ],
)
def test_where_the_way_ended_is_told_by_the_address(final, obstacle):
    found = verdict("Some words of a short page", final=final)
    assert [(reason.obstacle.value, reason.decisive) for reason in found.reasons] == [(obstacle, True)]


def test_an_address_that_was_asked_for_is_no_sign():
    assert (
        verdict(ARTICLE, asked="https://a.example/login/", final="https://a.example/login/").state
        == "content"
    )


def test_an_article_that_led_to_the_front_page_is_doubtful():
    found = verdict(ARTICLE * 3, final="https://www.news.example/")
    assert [(found.state.value, reason.obstacle.value) for reason in found.reasons] == [
        ("doubtful", "elsewhere")
    ]


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        ("https://news.example/", "https://news.example/"),
        ("http://news.example", "https://www.news.example/"),
        (ASKED, "https://other.example/"),
        (ASKED, "https://[broken"),
    ],
)
def test_another_front_page_is_no_sign(asked, final):
    assert verdict(ARTICLE, asked=asked, final=final).state is ContentState.CONTENT


@pytest.mark.parametrize(
    ("text", "html", "state"),
    [
        ("Welcome", "<input name=p type='password'>", "no_content"),
        ("Welcome", "<input TYPE=password>", "no_content"),
        (ARTICLE * 2, "<input type=password>", "content"),
        ("", "<video src=film.mp4></video>", "content"),
        ("", "<div id=root></div>", "no_content"),
        ("Loading", "<div id=root></div><script src=a.js></script>", "no_content"),
        ("One moment please", '<div id="cf-wrapper">', "no_content"),
    ],
)
def test_markup_tells_where_words_do_not(text, html, state):
    assert verdict(text, html=html).state.value == state


def test_every_kind_of_wall_is_known_in_each_language():
    texts: dict[Obstacle, set[str]] = {}
    for sign in SIGNS:
        if sign.part is Part.TEXT:
            texts.setdefault(sign.obstacle, set()).add(sign.language)
    assert {obstacle for obstacle, languages in texts.items() if languages != {"en", "uk", "ru"}} == set()


def test_a_page_made_to_slow_the_patterns_does_not():
    """Long runs of words that begin many patterns are judged within the time of a page."""
    began = datetime.now(UTC)
    for text in (
        "page you " * 20_000,
        "сторінку " * 20_000,
        "accept cookies " * 9_000,
        "to read " * 60,
        "запись" * 9_000,
    ):
        verdict(text, title=text[:5_000])
    assert datetime.now(UTC) - began < timedelta(seconds=5)


# ---------------------------------------------------------------- parts

COURT = {"url": True, "html": True, "screenshot": True}


@pytest.mark.parametrize("missing", ["url", "html", "screenshot"])
def test_the_court_minimum_needs_all_three(missing):
    assert Completeness(**COURT).court_minimum
    assert not Completeness(**(COURT | {missing: False}), media=True, hash=True).court_minimum


def test_what_is_missing_is_named():
    held = Completeness(**COURT, media=True, metadata=True, collection=True, hash=True)
    assert (held.missing, held.held) == (("context",), 7)


@pytest.mark.parametrize(
    ("parts", "state", "status"),
    [
        (COURT, "content", "complete"),
        (COURT, "doubtful", "complete"),
        (COURT, "no_content", "failed"),
        (COURT | {"screenshot": False}, "content", "incomplete"),
        (COURT | {"html": False}, "content", "incomplete"),
        ({"url": True, "media": True}, None, "incomplete"),
        ({"url": True, "collection": True, "hash": True}, None, "failed"),
        ({}, None, "failed"),
    ],
)
def test_a_capture_is_complete_incomplete_or_failed(parts, state, status):
    found = Verdict(ContentState(state)) if state else None
    assert capture_status(Completeness(**parts), found) is CaptureStatus(status)


START = datetime(2025, 2, 3, 10, 0, tzinfo=timezone(timedelta(hours=2)))


def details(**others):
    return CaptureDetails(
        requested_url=ASKED,
        outcome=Outcome.TAKEN,
        started_at=others.pop("started_at", START),
        ended_at=others.pop("ended_at", START + timedelta(seconds=4)),
        tool="t",
        version="1",
        config_sha256="0" * 64,
        **others,
    )


def test_details_are_plain_json_with_instants_in_utc():
    plain = details(redirect_chain=(Hop(ASKED, 301),), headers=(("Server", "x"),)).plain()
    assert plain["started_at"] == "2025-02-03T08:00:00Z"
    assert plain["redirect_chain"] == [{"url": ASKED, "status": 301}]
    assert (plain["outcome"], plain["headers"], plain["tls"]) == ("taken", [["Server", "x"]], None)
    assert plain["completeness"]["html"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"ended_at": START - timedelta(seconds=1)},
        {"started_at": START.replace(tzinfo=None)},
        {"ended_at": START.replace(tzinfo=None)},
    ],
)
def test_impossible_instants_are_refused(wrong):
    with pytest.raises(BadInput, match=r"of a capture|A capture ends"):
        details(**wrong)
