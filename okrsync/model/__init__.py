"""The nouns of okrsync, frozen. This package imports nothing of ours.

Numbers are ``Decimal``, instants are aware ``datetime``, days are ``date``. A unit is a short
canonical word: "" (a plain number), "%" (on the scale 0-100), a duration ("s", "min", "h", "d",
"w"), an ISO 4217 currency code, or any word the mapping chose.
"""

from okrsync.model.goals import (
    Confidence,
    Flag,
    KeyResult,
    Milestone,
    Objective,
    PacePoint,
    Score,
)
from okrsync.model.keeping import (
    CheckIn,
    PersonsWord,
    Receipt,
    StoredDefinition,
    StoredKeyResult,
    Written,
)
from okrsync.model.kinds import (
    Ambition,
    HoldCode,
    Kind,
    MetricSort,
    OnConflict,
    Prior,
    Status,
    Verdict,
)
from okrsync.model.measuring import (
    Evidence,
    Measurement,
    Operand,
    Question,
    Value,
    Window,
)
from okrsync.model.places import (
    Period,
    Place,
    Quantity,
    StoreRef,
)
from okrsync.model.planning import (
    Change,
    ClosedPeriod,
    Closing,
    FinalWord,
    Outcome,
    Plan,
    RunReport,
)

__all__ = [
    "Ambition",
    "Change",
    "CheckIn",
    "ClosedPeriod",
    "Closing",
    "Confidence",
    "Evidence",
    "FinalWord",
    "Flag",
    "HoldCode",
    "KeyResult",
    "Kind",
    "Measurement",
    "MetricSort",
    "Milestone",
    "Objective",
    "OnConflict",
    "Operand",
    "Outcome",
    "PacePoint",
    "Period",
    "PersonsWord",
    "Place",
    "Plan",
    "Prior",
    "Quantity",
    "Question",
    "Receipt",
    "RunReport",
    "Score",
    "Status",
    "StoreRef",
    "StoredDefinition",
    "StoredKeyResult",
    "Value",
    "Verdict",
    "Window",
    "Written",
]
