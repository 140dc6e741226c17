"""Forms for the field: an interview as an XLSForm, generated from the vocabularies.

In: an outline (a TOML file beside this one) and the vocabularies. Out: the sheets of an XLSForm in
English, Ukrainian and Russian, and the bytes of the workbook that KoboToolbox or ODK takes.

>>> form = interview_form()
>>> form.id, form.version.startswith("1.0-"), list(form.sheets)
('lieber_interview', True, ['survey', 'choices', 'settings'])
"""

from .outline import Group, Outline, Question, read_outline, shipped_outline
from .workbook import write_xlsx
from .xlsform import VERSION_FIELD, Sheet, XlsForm, form_of, interview_form

__all__ = [
    "VERSION_FIELD",
    "Group",
    "Outline",
    "Question",
    "Sheet",
    "XlsForm",
    "form_of",
    "interview_form",
    "read_outline",
    "shipped_outline",
    "write_xlsx",
]
