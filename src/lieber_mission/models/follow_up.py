"""What the mission asked of others, and what came back: alike for each party (R-32)."""

from __future__ import annotations

from typing import ClassVar

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, prose, words
from .register import Ref, RegisterRow


class Association(RegisterRow):
    """That a public statement stands near an incident: before it, of the same unit or sector.

    An association and nothing more: no word of it says that the one caused the other (1.12).
    """

    prefix: ClassVar = "ASC"
    kind: ClassVar = "association"

    statement = Ref("PublicStatement")
    incident = Ref("Incident")
    # a term of association
    association_kind = words(20)
    reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_association"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"statement", "incident", "association_kind", "reason"}
        protected: frozenset[str] = frozenset()


class FollowUp(RegisterRow):
    """A request for comment, a referral, a request for access, or an investigation that is followed."""

    prefix: ClassVar = "FUP"
    kind: ClassVar = "follow_up"

    # a term of follow_up
    follow_up_kind = words(40)
    about = Ref("Incident", also=("PublicStatement",))
    # The party asked, and which of its authorities.
    party = words(20)
    addressee = words()
    subject = words()
    # What was written or asked; an investigation's number and article stand here too.
    body = prose()
    sent_on = day()
    due_on = day()
    # Where it can be read that it was sent, or that an authority acts by itself.
    item = Ref("Item")
    # A request that is not waited for any longer: why.
    closed_on = day()
    closed_why = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_follow_up"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"follow_up_kind", "about", "party", "sent_on", "due_on"}
        internal = ROW_INTERNAL | {"addressee", "subject", "body", "item", "closed_on", "closed_why"}
        protected: frozenset[str] = frozenset()


class Response(RegisterRow):
    """What came back on a follow-up."""

    prefix: ClassVar = "RSP"
    kind: ClassVar = "response"

    follow_up = Ref("FollowUp")
    # A term of response; and of attribution_declared, where the party said whose deed it was.
    response = words(10)
    declared = words(40)
    received_on = day()
    responder = words()
    summary = prose()
    item = Ref("Item")

    class Meta(RegisterRow.Meta):
        db_table = "register_response"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"follow_up", "response", "declared", "received_on", "responder"}
        internal = ROW_INTERNAL | {"summary", "item"}
        protected: frozenset[str] = frozenset()
