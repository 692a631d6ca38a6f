"""The claims of widely read texts, each with its verdict and the numbers that bear it out."""

from rnnlab.claims.claim import Claim, Evidence, Load, Verdict
from rnnlab.claims.table import CLAIMS, Row, Table, settle

__all__ = ["CLAIMS", "Claim", "Evidence", "Load", "Row", "Table", "Verdict", "settle"]
