"""Words in pictures and recordings, and their language: suggestions, never claims."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from lieber.base import LieberError

from .programs import NotInstalled, said

# tesseract's names of the languages of the mission's material
LANGUAGES = ("ukr", "rus", "eng")
_MOST_WORDS = 5_000
# Letters and digits that the programs take for each other: whoever reads looks twice.
_LOOKALIKES = frozenset("0OОоoЗз3I1l|ІiБб6")
_READ = 1 << 20


def in_picture(file: BinaryIO, *, seconds: float = 120) -> dict[str, Any]:
    """The words that tesseract reads in a picture, with how sure it is of each, of a hundred."""
    version = said(["tesseract", "--version"]).decode("utf-8", "replace").splitlines()[0]
    there = said(["tesseract", "--list-langs"]).decode("utf-8", "replace").split()
    known = [language for language in LANGUAGES if language in there]
    if not known:
        raise NotInstalled("not installed: languages of tesseract")
    table = said(["tesseract", "-", "-", "-l", "+".join(known), "tsv"], file=file, seconds=seconds)
    found = _words(table.decode("utf-8", "replace"))
    return {"tool": version, "languages": known, "words": found, "text": _text(found)}


def _words(table: str) -> list[dict[str, Any]]:
    found = []
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        word = cells[11].strip()
        found.append(
            {
                "word": word,
                "line": ".".join(cells[1:5]),
                "confidence": round(float(cells[10])),
                "box": [int(cell) for cell in cells[6:10]],
                "look_twice": any(letter in _LOOKALIKES for letter in word)
                and any(letter.isdigit() for letter in word),
            }
        )
        if len(found) == _MOST_WORDS:
            break
    return found


def _text(words: list[dict[str, Any]]) -> str:
    lines: dict[str, list[str]] = {}
    for word in words:
        lines.setdefault(word["line"], []).append(word["word"])
    return "\n".join(" ".join(line) for line in lines.values())


def language(file: BinaryIO) -> dict[str, Any]:
    """The languages of a text, the likeliest first, of a hundred."""
    text = file.read(_READ).decode("utf-8", "replace").strip()
    if not text:
        return {"tool": "", "languages": []}
    detector, tool = _detector()
    values = detector.compute_language_confidence_values(text)
    return {
        "tool": tool,
        "languages": [
            {"code": value.language.iso_code_639_1.name.lower(), "share": round(100 * value.value)}
            for value in values[:3]
            if value.value >= 0.01
        ],
    }


@cache
def _detector() -> tuple[Any, str]:
    try:
        import lingua  # noqa: PLC0415
    except ImportError:
        raise NotInstalled("not installed: lingua-language-detector") from None
    detector = lingua.LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()
    return detector, "lingua"


def speech(file: BinaryIO, *, language: str = "") -> dict[str, Any]:  # for the models
    """What a local model hears. Raises NotInstalled where none lies in the folder of models.

    Models are folders below LIEBER_MODELS/speech; nothing is ever fetched.
    """
    folder = Path(os.environ.get("LIEBER_MODELS") or "/nowhere") / "speech"
    models = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    if not models:
        raise NotInstalled("not installed: a model in LIEBER_MODELS/speech")
    try:
        from faster_whisper import WhisperModel  # noqa: PLC0415
    except ImportError:
        raise NotInstalled("not installed: faster-whisper") from None
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        model = WhisperModel(str(models[0]), device="cpu", local_files_only=True)
        segments, info = model.transcribe(file, language=language or None)
    except (RuntimeError, ValueError) as error:
        raise LieberError(f"The model {models[0].name} cannot be used: {error}") from None
    return {
        "tool": f"faster-whisper, model {models[0].name}",
        "language": info.language,
        "segments": [
            {"from": round(part.start * 1_000), "to": round(part.end * 1_000), "text": part.text.strip()}
            for part in segments
        ],
    }


def translation(file: BinaryIO) -> dict[str, Any]:
    """A text in English, by local models. Raises NotInstalled where none lies in the folder of models.

    Models are folders below LIEBER_MODELS/translation as Argos Translate packs them: metadata.json with
    from_code and to_code, the folder model for CTranslate2, and sentencepiece.model.
    """
    models = _translation_models()
    if not models:
        raise NotInstalled("not installed: a model in LIEBER_MODELS/translation")
    try:
        import ctranslate2  # noqa: PLC0415
        import sentencepiece  # noqa: PLC0415
    except ImportError as error:
        raise NotInstalled(f"not installed: {error.name}") from None
    text = file.read(_READ).decode("utf-8", "replace").strip()
    detector, _ = _detector()
    found = detector.detect_language_of(text) if text else None
    code = found.iso_code_639_1.name.lower() if found else ""
    if code not in models:
        return {"tool": "", "language": code, "text": ""}
    folder = models[code]
    try:
        words = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        engine = ctranslate2.Translator(str(folder / "model"), device="cpu")
        lines = [words.encode(line, out_type=str) for line in text.splitlines()]
        told = engine.translate_batch([line for line in lines if line])
    except (RuntimeError, ValueError, OSError) as error:
        raise LieberError(f"The model {folder.name} cannot be used: {error}") from None
    given = iter(words.decode(each.hypotheses[0]) for each in told)
    return {
        "tool": f"ctranslate2 {ctranslate2.__version__}, model {folder.name}",
        "language": code,
        "text": "\n".join(next(given) if line else "" for line in lines),
    }


def _translation_models() -> dict[str, Path]:
    """Language -> the folder of the model that translates it into English."""
    folder = Path(os.environ.get("LIEBER_MODELS") or "/nowhere") / "translation"
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*/metadata.json")) if folder.is_dir() else []:
        try:
            told = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("to_code") == "en":
            found.setdefault(str(told.get("from_code", "")), path.parent)
    return found
