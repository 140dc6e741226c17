"""The method of Lieber: values in, decisions out.

No Django, no network, no clock and no randomness of its own. The chapters follow the path of
the material, and each imports only from those before it:

base, ledger, collect, preserve, examine, code, link, assess, qualify, analyse, publish.
"""

__version__ = "0.1.0"
