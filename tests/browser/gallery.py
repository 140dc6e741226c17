"""The pictures of the gallery (`docs/reference/gallery.md`): of which route, and what stands beneath."""

from __future__ import annotations

from dataclasses import dataclass

from architecture.source import ROOT

FOLDER = ROOT / "docs" / "reference" / "screenshots"
PAGE = ROOT / "docs" / "reference" / "gallery.md"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page of a route: on a screen so wide, in a theme."""

    route: str
    words: str
    width: int = 1280
    theme: str = "light"

    @property
    def name(self) -> str:
        """The name of its file."""
        small = "" if self.width == 1280 else f"-{self.width}"
        return f"{self.route}{small}{'' if self.theme == 'light' else '-' + self.theme}.jpg"


PICTURES = (
    Picture(
        "home",
        "Home: the figures with window, tier and instant; what waits, what changed",
    ),
    Picture("inbox", "Inbox: the queues with their numbers, and forms that were begun"),
    Picture("items", "Items under a filter"),
    Picture("item", "An item: what was taken down of it, how it was screened, the accounts coded from it"),
    Picture("item-code", "Coding: the item beside the fields of an account, each with its place"),
    Picture("bench", "The bench: what is held of an item, with what tools said, custody and worksheet"),
    Picture("family", "Copies: what shows the same, side by side, judged by people; covered until asked for"),
    Picture("sun", "Sun and shadow: when a shadow may have fallen as a picture shows it"),
    Picture("captures", "Captures: pages that were taken, and what each is worth"),
    Picture("work", "Examination: what waits for workers, and what could not be done"),
    Picture("storage", "Storage: what is held, and the rounds in which it was read again"),
    Picture("coding", "What waits for coders, and passages for a second coder"),
    Picture("agreement", "How far coders agree, field by field"),
    Picture("accounts", "Accounts under a filter"),
    Picture("account", "An account, field by field"),
    Picture("candidates", "Accounts that are of no incident yet"),
    Picture("incidents", "Incidents as a table: filter, views, columns, deeds on several"),
    Picture("incident", "An incident: the finding, and its accounts side by side by origin"),
    Picture("assess", "Assessing: accounts with two grades, the finding, the proposed tier with its reason"),
    Picture("proposals", "Findings on their way past reviewers"),
    Picture("statements", "Public statements by utterance"),
    Picture("statement", "A public statement with its reports"),
    Picture("statements-time", "Statements beside the incidents, as association only"),
    Picture("follow-ups", "Follow-up: deadlines, answers, silence, and the words of a public text"),
    Picture("figures", "A figure as a sentence, with every contribution"),
    Picture("figure-difference", "The difference of two days, ground by ground"),
    Picture("tallies", "Tallies of other bodies, each with its scope, unit and bound"),
    Picture("log", "The log with its signed checkpoint"),
    Picture("entry", "An entry with its commitment and its inclusion proof"),
    Picture("find", "Find anything"),
    Picture("officers", "Officers and their roles"),
    Picture("protect", "Protected persons"),
    Picture("compartments", "Compartments: who is let in"),
    Picture("teams", "Teams"),
    Picture("openings", "Openings of what the vault holds, asked for and agreed to"),
    Picture("readings", "Who read what is closed to others"),
    Picture("home", "Home in the dark theme", theme="dark"),
    Picture("incident", "An incident in the dark theme", theme="dark"),
    Picture("incidents", "Incidents on a telephone", width=380),
    Picture("incident", "An incident on a telephone", width=380),
)
