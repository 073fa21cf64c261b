"""A ledger as a notebook has it in memory before it publishes: 20 columns, the same rows in every run."""

import numpy as np
import pandas as pd

_ACCOUNTS = (
    ("401000", "Fournisseurs"),
    ("411000", "Clients"),
    ("445660", "TVA déductible sur autres biens et services"),
    ("445710", "TVA collectée"),
    ("512000", "Banque"),
    ("606300", "Fournitures d'entretien et de petit équipement"),
    ("613200", "Locations immobilières"),
    ("622600", "Honoraires"),
    ("625100", "Voyages et déplacements"),
    ("641100", "Salaires, appointements"),
    ("706000", "Prestations de services"),
    ("707000", "Ventes de marchandises"),
)
_JOURNALS = (("AC", "Achats"), ("VE", "Ventes"), ("BQ", "Banque"), ("OD", "Opérations diverses"))
_LABELS = ("Facture", "Règlement", "Avoir", "Abonnement", "Note de frais", "Loyer")


def ledger(rows: int) -> pd.DataFrame:
    """So many lines of a ledger, of the types that penny.redshift gives."""
    chance = np.random.default_rng(20260101)
    account = chance.integers(0, len(_ACCOUNTS), rows)
    journal = chance.integers(0, len(_JOURNALS), rows)
    party = chance.integers(1, 900, rows)
    entry = np.arange(rows) // 3
    amount = np.round(chance.lognormal(5.5, 1.4, rows), 2)
    debit = chance.random(rows) < 0.5
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.sort(chance.integers(0, 1200, rows)), unit="D")
    created = day + pd.to_timedelta(chance.integers(0, 86_400_000, rows), unit="ms")
    number = np.array([code for code, _ in _ACCOUNTS], dtype=object)[account]
    title = np.array([text for _, text in _ACCOUNTS], dtype=object)[account]
    words = np.array(_LABELS, dtype=object)[chance.integers(0, len(_LABELS), rows)]
    document = 80_000_000 + entry
    columns = {
        "id": 1_000_000_000 + np.arange(rows),
        "company_id": np.full(rows, 22_318),
        "company_name": np.full(rows, "Atelier Dubreuil SAS", dtype=object),
        "date": day.to_numpy(),
        "label": [f"{word} {one:06d} – tiers {who:04d}" for word, one, who in zip(words, entry, party)],
        "debit": np.where(debit, amount, 0.0),
        "credit": np.where(debit, 0.0, amount),
        "plan_item_number": number,
        "plan_item_label": title,
        "journal_code": np.array([code for code, _ in _JOURNALS], dtype=object)[journal],
        "journal_label": np.array([text for _, text in _JOURNALS], dtype=object)[journal],
        "document_id": document,
        "document_label": [f"Pièce {one}" for one in document],
        "invoice_number": [None if one % 3 else f"F-2026-{one:07d}" for one in entry],
        "thirdparty_id": pd.array(np.where(party % 5 == 0, -1, party), dtype="Int64"),
        "document_created_at": created.to_numpy(),
        "document_updated_at": (created + pd.Timedelta(hours=3)).to_numpy(),
        "tag_group": np.where(party % 2 == 0, "Agence", None),
        "tag_label": np.where(party % 2 == 0, "Lyon", None),
        "PCG_2": [code[:2] for code in number],
    }
    frame = pd.DataFrame(columns)
    frame["thirdparty_id"] = frame["thirdparty_id"].mask(frame["thirdparty_id"] < 0)
    texts = [
        "company_name",
        "label",
        "plan_item_number",
        "plan_item_label",
        "journal_code",
        "journal_label",
        "document_label",
        "invoice_number",
        "tag_group",
        "tag_label",
        "PCG_2",
    ]
    return frame.astype({name: "str" for name in texts})


def changed(frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """The same ledger with the label of every so many lines written anew."""
    every = round(1 / share)
    label = frame["label"].where(np.arange(len(frame)) % every != 0, frame["label"] + " (corrigé)")
    return frame.assign(label=label)
