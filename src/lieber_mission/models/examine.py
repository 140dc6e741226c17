"""What examining exhibits gave: results of tools, hashes of frames, likenesses, judgements on them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, degrees, prose, table, words
from .register import Ref, RegisterRow


class Examination(RegisterRow):
    """What a tool said of an exhibit: a suggestion, never a claim. Done again it is the next version."""

    prefix: ClassVar = "EXM"
    kind: ClassVar = "examination"

    item = Ref("Item")
    exhibit = Ref("Exhibit")
    # a term of examination
    examination = models.CharField(max_length=40)
    # a term of examination_outcome
    outcome = models.CharField(max_length=20)
    # Of a refusal, why.
    reason = prose()
    tool = words(200)
    parameters = table()
    result = table()

    class Meta(RegisterRow.Meta):
        db_table = "register_examination"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = (
            ROW_INTERNAL
            | {"item", "exhibit", "examination", "outcome", "reason", "tool"}
            | {
                "parameters",
                "result",
            }
        )
        protected: frozenset[str] = frozenset()


class WorksheetLine(RegisterRow):
    """One step of examining an item, its source, technique or content: by which method, found what."""

    prefix: ClassVar = "WSL"
    kind: ClassVar = "worksheet_line"

    item = Ref("Item")
    # a term of worksheet_part
    part = words(20)
    method = words(500)
    finding = prose()
    # a term of confidence
    confidence = words(20)

    class Meta(RegisterRow.Meta):
        db_table = "register_worksheet_line"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"item", "part", "method", "finding", "confidence"}
        protected: frozenset[str] = frozenset()


class Placing(RegisterRow):
    """Where or when what an item shows took place, as an analyst worked it out, and a second one checked."""

    prefix: ClassVar = "PLC"
    kind: ClassVar = "placing"

    item = Ref("Item")
    # geolocation or chronolocation
    question = words(20)
    latitude = degrees()
    longitude = degrees()
    # a term of place_precision
    place_precision = words(20)
    place = words(300)
    earliest: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    latest: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    # a term of placing_method, and the imagery or sources that were compared
    method = words(40)
    imagery = words(1_000)
    reason = prose()
    confidence = words(20)
    # The second analyst who came to the same, or did not: the verdict and by whom.
    checked_by = words(24)
    check_outcome = words(20)
    check_note = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_placing"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "item",
            "question",
            "place_precision",
            "place",
            "earliest",
            "latest",
            "method",
            "imagery",
            "reason",
            "confidence",
            "checked_by",
            "check_outcome",
            "check_note",
        }
        # Where a person stood who recorded it.
        protected = frozenset({"latitude", "longitude"})


class LikenessJudgement(RegisterRow):
    """A person's decision that two exhibits show the same footage, one origin, or do not (R-07)."""

    prefix: ClassVar = "LKJ"
    kind: ClassVar = "likeness_judgement"

    # In the order of their ids, so that there is one chain for each pair.
    left_exhibit = Ref("Exhibit")
    right_exhibit = Ref("Exhibit")
    # same, different or unsure
    verdict = words(10)
    reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_likeness_judgement"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"left_exhibit", "right_exhibit", "verdict", "reason"}
        protected: frozenset[str] = frozenset()


class Print(models.Model):
    """What is kept of an exhibit for finding its copies; made again at any time, under a new number."""

    exhibit = models.CharField(max_length=24, unique=True)
    made_with = models.CharField(max_length=200)
    # The hashes that an index holds, 32 bytes each, and the numbers of the sound, four bytes each.
    rows = models.BinaryField()
    sound = models.BinaryField()
    # All that is compared in full.
    whole = models.BinaryField()

    class Meta:
        db_table = "mission_print"

    def __str__(self) -> str:
        return f"print of {self.exhibit}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"id", "exhibit", "made_with", "rows", "sound", "whole"})
        protected: frozenset[str] = frozenset()


class Likeness(models.Model):
    """What the machine found alike: a candidate for one origin, found again at any time.

    What must be done to the left one, and where it lies in the right one; the left one was compared later.
    """

    left = models.CharField(max_length=24, db_index=True)
    right = models.CharField(max_length=24, db_index=True)
    # picture, film, picture_in_film or sound
    kind = models.CharField(max_length=20)
    # In bits of 256 for pictures and films, in per cent of bits for sound.
    distance: models.FloatField[Any, Any] = models.FloatField()
    transform = models.CharField(max_length=60, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    weak = models.BooleanField(default=False)
    offset_seconds: models.FloatField[Any, Any] = models.FloatField(null=True)
    seconds: models.FloatField[Any, Any] = models.FloatField(null=True)
    share: models.FloatField[Any, Any] = models.FloatField(null=True)

    class Meta:
        db_table = "mission_likeness"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["left", "right", "kind"], name="likeness_one_row_a_pair")
        ]

    def __str__(self) -> str:
        return f"{self.left} like {self.right}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({
            "id", "left", "right", "kind", "distance", "transform", "reason", "weak",
            "offset_seconds", "seconds", "share",
        })  # fmt: skip
        protected: frozenset[str] = frozenset()
