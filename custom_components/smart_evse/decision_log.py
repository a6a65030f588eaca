"""The decisions worth remembering, for whoever asks why: the last ones, in memory."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from .engine.model import ConnectorId, Decision, Reason

_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """A connector was told something new, or for a new reason."""

    utc: datetime
    connector: ConnectorId
    limit: str
    reason: Reason


class DecisionLog(deque[LoggedDecision]):
    """The last decisions of a site."""

    def __init__(self) -> None:
        super().__init__(maxlen=_KEPT)

    def note(self, before: Decision | None, decision: Decision, utc: datetime) -> None:
        """Enter what is new in a decision."""
        for setpoint in decision.setpoints:
            known = None if before is None else before.setpoint(setpoint.connector)
            if known is not None and known.limit == setpoint.limit and known.reason.key is setpoint.reason.key:
                continue
            limit, reason = str(setpoint.limit), setpoint.reason
            self.append(LoggedDecision(utc=utc, connector=setpoint.connector, limit=limit, reason=reason))
