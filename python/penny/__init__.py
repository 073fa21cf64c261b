"""Penny dans un notebook : lire Pennylane, publier une table.

    import penny

    df = penny.pennylane("customers")                          # l'API publique
    df = penny.redshift("SELECT * FROM pennylane.fiscal_years")  # le partage de données
    penny.publish(df, "customers")                             # vers PostgreSQL, pour Power BI

Le module lance le programme ``penny`` et échange avec lui des tables Arrow.
"""

from .errors import PennyError, PennyWarning, TemporaryError
from .publication import Publication, publish
from .sources import pennylane, redshift

__all__ = [
    "PennyError",
    "PennyWarning",
    "Publication",
    "TemporaryError",
    "pennylane",
    "publish",
    "redshift",
]
