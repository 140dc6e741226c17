"""What auto-archiver wrote of its work is read as values, and nothing in it is run."""

import csv
import io
from datetime import UTC, datetime

import pytest

from lieber.base import BadInput
from lieber.collect.auto_archiver import HEAD, pdq_digits, read_archived

# As version 1.2.9 writes it.
METADATA = (
    "{'_processed_at': datetime.datetime(2026, 11, 23, 14, 51, 21, 351436, tzinfo=datetime.timezone.utc), "
    "'url': 'https://one.example/post/1', 'title': 'post', "
    "'timestamp': datetime.datetime(2026, 11, 23, 14, 37, 7, tzinfo=tzlocal()), 'total_bytes': 141256}"
)
MEDIA = (
    "[{'filename': './tmp/c1.mp4', '_key': '/out/57c4.mp4', 'urls': ['/out/57c4.mp4'], 'properties': "
    "{'original_url': 'https://one.example/film', 'hash': 'SHA-256:57C4', 'pdq_hash': 'abc', "
    "'duration': 6.0, 'thumbnails': [{'_key': '/out/t.jpg'}]}, '_mimetype': 'video/mp4', '_stored': False}, "
    "{'_key': '/out/b903.html', 'properties': {'id': '_final_media'}}]"
)


def table(*rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows(rows)
    return out.getvalue()


def test_an_address_its_day_and_its_files():
    (page,) = read_archived(table(("yt-dlp_Generic: success", METADATA, MEDIA)))
    assert (page.url, page.title, page.succeeded) == ("https://one.example/post/1", "post", True)
    assert page.processed == datetime(2026, 11, 23, 14, 51, 21, 351436, tzinfo=UTC)
    film, report = page.files
    assert (film.name, film.algorithm, film.digest) == ("57c4.mp4", "SHA-256", "57c4")
    assert film.pdq == "0" * 61 + "abc"
    assert film.original_url == "https://one.example/film"
    assert (report.name, report.digest, report.pdq) == ("b903.html", "", "")


@pytest.mark.parametrize(
    ("told", "digits"),
    [
        ("f" * 64, "f" * 64),
        ("1f", "0" * 62 + "1f"),
        ("0x1F", "0" * 62 + "1f"),
        ("", ""),
        ("g", ""),
        ("1" * 65, ""),
    ],
)
def test_a_pdq_hash_has_its_leading_zeros_again(told, digits):
    assert pdq_digits(told) == digits


@pytest.mark.parametrize(
    "cell",
    [
        "__import__('os').system('echo run')",
        "open('/etc/passwd').read()",
        "{'url': (lambda: 1)()}",
        "[x for x in ()]",
        "not python (",
        "",
        "(" * 5_000,
        "{'url': datetime.datetime(1, 2)}",
    ],
)
def test_nothing_is_run_and_what_is_no_value_is_refused_with_its_line(cell):
    with pytest.raises(BadInput, match="Line 2"):
        list(read_archived(table(("success", cell, MEDIA))))


def test_a_table_of_something_else_is_refused():
    with pytest.raises(BadInput, match="columns"):
        list(read_archived("a,b\n1,2\n"))
    with pytest.raises(BadInput, match="columns"):
        list(read_archived(""))
